"""
Why a test failed: the exception, the statement of the test, the values in it.
"""

from __future__ import annotations

import ast
import fnmatch
import inspect
import os
import reprlib
import textwrap
import traceback
import types
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_MAX = 20_000  # characters; the host normalises first and caps then
STATEMENT_MAX = 1_000
VALUE_MAX = 200  # before normalising
_BLOCK_LINES = 12  # a longer `with` is told by its head

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = VALUE_MAX
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxset = _SHORT.maxdict = 20
_MISSING = object()
_DULL = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)


def matches(path: str, globs: list[str]) -> bool:
    """
    As everywhere in the toolkit: whole paths, `**/` also for no folder, bare names at any depth.
    """
    name = path.rsplit("/", 1)[-1]
    for glob in globs:
        if "/" not in glob:
            if fnmatch.fnmatchcase(name, glob):
                return True
        elif fnmatch.fnmatchcase(path, glob) or (
            glob.startswith("**/") and fnmatch.fnmatchcase(path, glob[3:])
        ):
            return True
    return False


def relative(filename: str, root: str) -> str:
    """
    A file's path from the tree's root; empty if it is elsewhere.
    """
    return filename[len(root) + 1 :] if filename.startswith(root + os.sep) else ""


def describe(error: BaseException, root: str, globs: list[str], home: str = "") -> dict[str, Any]:
    """
    An exception as the channel's plain data; `home` is the test's own file.
    """
    doctest = _doctest_failure(error)
    if doctest is not None:
        return _of_doctest(doctest, root)
    found: dict[str, Any] = {"kind": type(error).__name__, "message": _message(error)}
    place = _place(error, root, globs, home)
    if place is None:
        return found
    frame, line, path = place
    node = _statement(frame.f_code.co_filename, line)
    found.update(path=path, line=line)
    if node is not None:
        found.update(statement=_source(frame.f_code.co_filename, node), values=_values(node, frame))
    return found


def _message(error: BaseException) -> str:
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    head, separator, rest = text.partition(":")
    is_headed = head.rpartition(".")[2] == type(error).__name__
    return (rest.strip() if is_headed else text)[:TEXT_MAX] if separator or not is_headed else ""


def _place(
    error: BaseException, root: str, globs: list[str], home: str
) -> tuple[types.FrameType, int, str] | None:
    """
    The innermost frame in a test file, else the innermost one in the tree.
    """
    test, product = None, None
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = relative(frame.f_code.co_filename, root)
        if path:
            product = (frame, line, path)
            if path == home or matches(path, globs):
                test = product
    return test or product


@lru_cache(maxsize=64)
def _parsed(filename: str) -> tuple[str, ast.Module] | None:
    try:
        with open(filename, "rb") as handle:  # noqa: PTH123 - see __init__.py
            source = handle.read().decode("utf-8")
        return source, ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return None


def _statement(filename: str, line: int) -> ast.stmt | None:
    parsed = _parsed(filename)
    if parsed is None:
        return None
    around = [
        node
        for node in ast.walk(parsed[1])
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return min(around, key=_height, default=None)


def _height(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno


def _source(filename: str, node: ast.stmt) -> str:
    parsed = _parsed(filename)
    text = ast.get_source_segment(parsed[0], node, padded=True) if parsed else None
    text = textwrap.dedent(text or "")
    is_short_block = isinstance(node, (ast.With, ast.AsyncWith)) and _height(node) < _BLOCK_LINES
    if hasattr(node, "body") and not is_short_block:
        text = text.partition("\n")[0]
    return text[:STATEMENT_MAX]


def _values(node: ast.stmt, frame: types.FrameType) -> list[list[str]]:
    """
    Short reprs of the local names in a statement, in order of appearance.
    """
    local = frame.f_locals
    plain = [
        [name, _SHORT.repr(local[name])]
        for name in dict.fromkeys(_names(node))
        if name in local and not isinstance(local[name], _DULL) and name not in ("self", "cls")
    ]
    return plain + _own_values(node, local)


def _own_values(node: ast.stmt, local: dict[str, Any]) -> list[list[str]]:
    """
    What `self.name` and `cls.name` in a statement stand for; methods and properties are not told.
    """
    told = {}
    for part in ast.walk(node):
        if not isinstance(part, ast.Attribute) or not isinstance(part.value, ast.Name):
            continue
        owner = local.get(part.value.id) if part.value.id in ("self", "cls") else None
        value = inspect.getattr_static(owner, part.attr, _MISSING)
        is_code = callable(value) or isinstance(value, (property, staticmethod, classmethod))
        if value is not _MISSING and not is_code:
            told[f"{part.value.id}.{part.attr}"] = _SHORT.repr(value)
    return [list(pair) for pair in told.items()]


def _names(node: ast.stmt) -> Iterator[str]:
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    for name in sorted(names, key=lambda found: (found.lineno, found.col_offset)):
        if isinstance(name.ctx, ast.Load):
            yield name.id


def _doctest_failure(error: BaseException) -> Any:
    """
    The doctest module's failure inside, pytest's or unittest's; None for other exceptions.
    """
    several = getattr(error, "failures", None)
    inner = several[0] if isinstance(several, list) and several else error
    is_doctest = type(inner).__module__ == "doctest" and hasattr(inner, "example")
    return inner if is_doctest else None


def _of_doctest(failure: Any, root: str) -> dict[str, Any]:
    example, test = failure.example, failure.test
    if hasattr(failure, "exc_info"):
        kind, message = failure.exc_info[0].__name__, _message(failure.exc_info[1])
    else:
        kind, message = "DocTestFailure", f"expected: {example.want}got: {failure.got}"
    return {
        "kind": kind,
        "message": message[:TEXT_MAX],
        "path": relative(test.filename or "", root),
        "line": (test.lineno or 0) + example.lineno + 1,
        "statement": example.source.strip()[:STATEMENT_MAX],
        "values": [],
    }
