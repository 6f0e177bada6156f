"""
What a failing test did before its failing statement: the steps without which it says nothing.

`r.named["dt"]` alone tells no one what `r` is; `r = parse("{dt:%j}", "9")` before it does.
"""

from __future__ import annotations

import ast
import re
import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING

from mutators.base import Refusal
from mutators.registry import test_bridge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cab_tasks.model import Failure

STEPS_MAX = 8  # a longer story is a program; the prompt then tells the values alone

_LET = re.compile(r"^\s*let\s+(?:mut\s+)?(\w+)\b.*;\s*$")
_ON_NAME = re.compile(r"^\s*(\w+)(?:\.\w+|\s*[-+*/|&]?=[^=]).*;\s*$")


def steps_before(failure: Failure, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """
    Source of the statements that make what the failing statement looks at, in order.

    Empty where there are none, too many, or the source is not at hand.
    """
    data = files.get(failure.path)
    if data is None or not failure.line:
        return ()
    text = data.decode("utf-8", "replace")
    if failure.path.endswith(".py"):
        steps = _python_steps(text, failure)
    elif failure.path.endswith(".rs"):
        steps = _rust_steps(data, failure)
    else:
        return ()
    return steps if len(steps) <= STEPS_MAX else ()


def _python_steps(text: str, failure: Failure) -> tuple[str, ...]:
    try:
        function = _function_at(_parsed(text), failure.line)
        needed = _loaded(ast.parse(failure.statement))
    except (SyntaxError, ValueError):
        return ()
    steps: list[str] = []
    for statement in sorted(_simple(function, failure.line), key=_line, reverse=True):
        if _makes(statement) & needed:
            steps.append(_segment(text, statement))
            needed |= _loaded(statement)
    return tuple(_flat(step) for step in reversed(steps) if step)


@lru_cache(maxsize=16)
def _parsed(text: str) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    """
    The functions of a test file; most failures of a mutant are in one or two files.
    """
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return tuple(node for node in ast.walk(ast.parse(text)) if isinstance(node, functions))


def _function_at(
    functions: tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...], line: int
) -> ast.AST:
    around = [one for one in functions if one.lineno <= line <= (one.end_lineno or one.lineno)]
    return max(around, key=_line, default=ast.Pass())


def _segment(text: str, node: ast.stmt) -> str:
    """
    The lines of a statement; `ast.get_source_segment` splits the whole file each time.
    """
    lines = text.split("\n")[node.lineno - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines)).strip()


def _line(node: ast.stmt) -> int:
    return node.lineno


def _simple(function: ast.AST, line: int) -> Iterator[ast.stmt]:
    """
    Plain statements that end before a line.
    """
    plain = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Delete)
    for node in ast.walk(function):
        if isinstance(node, plain) and (node.end_lineno or node.lineno) < line:
            yield node


def _makes(statement: ast.stmt) -> set[str]:
    """
    Names that a statement binds, or whose object it may change by a method or an item.
    """
    stored = {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del))
    }
    value = statement.value if isinstance(statement, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    targets = [*getattr(statement, "targets", ()), getattr(statement, "target", None)]
    roots = {_root(target) for target in targets if target is not None}
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        roots.add(_root(value.func.value))
    return (stored | roots) - {"", "self", "cls", "pytest"}


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _loaded(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _rust_steps(data: bytes, failure: Failure) -> tuple[str, ...]:
    """
    One-line `let`s, and one-line calls and assignments on them; longer ones are left out.
    """
    items = test_bridge("rust").test_items(data)
    if isinstance(items, Refusal):
        return ()
    lines = data.decode("utf-8", "replace").split("\n")
    first = max(
        (data.count(b"\n", 0, item.start) + 1 for item in items
         if data.count(b"\n", 0, item.start) + 1 <= failure.line
         <= data.count(b"\n", 0, item.end) + 1),
        default=failure.line,
    )  # fmt: skip
    needed = set(re.findall(r"\b[a-z_]\w*", failure.statement))
    steps: list[str] = []
    for line in reversed(lines[first : failure.line - 1]):
        made = _LET.match(line) or _ON_NAME.match(line)
        if made and made[1] in needed:
            steps.append(line.strip())
            needed |= set(re.findall(r"\b[a-z_]\w*", line))
    return tuple(reversed(steps))


def _flat(step: str) -> str:
    """
    One statement on one line where it is short enough, else as it stands.
    """
    lines: Iterable[str] = (line.strip() for line in step.splitlines())
    flat = " ".join(lines)
    return flat if len(flat) <= 100 and '"""' not in step else step
