"""
Why a Rust test failed, read from what it printed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.globs import matches
from cab_tasks.model import Failure
from cab_tasks.suite.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cab_tasks.suite.libtest import Ending

_PANIC = re.compile(
    r"^thread '(?P<thread>[^']*)'(?: \(\d+\))? panicked at (?P<path>[^\n]+?):(?P<line>\d+):\d+:\n"
    r"(?P<message>.*?)(?=^note: |^thread '|^stack backtrace:|\Z)",
    re.MULTILINE | re.DOTALL,
)
_RETURNED = re.compile(r"^Error: (.*)", re.MULTILINE | re.DOTALL)
_STATEMENT_LINES = 30  # a longer one is cut


def failure_of(
    name: str,
    ending: Ending,
    tree: Mapping[str, bytes],
    globs: tuple[str, ...],
    wording: Wording = Wording(),  # noqa: B008 - frozen
) -> Failure:
    """
    The failure of one test (libtest's name). The statement is told only where it is a test's.
    """
    panics = list(_PANIC.finditer(ending.text))
    found = next((panic for panic in panics if panic["thread"] == name), None)
    found = found or (panics[0] if panics else None)
    if found is None:
        returned = _RETURNED.search(ending.text)
        text = returned[1] if returned else ending.message or ending.text
        return Failure("Error" if returned else "failed", wording.message(text.strip()))
    path = wording.normal(found["path"]).removeprefix("./")
    line = int(found["line"])
    return Failure(
        kind="panic",
        message=wording.message(found["message"].strip()),
        path=path,
        line=line,
        statement=_statement(name, path, line, tree, globs),
    )


def _statement(
    name: str, path: str, line: int, tree: Mapping[str, bytes], globs: tuple[str, ...]
) -> str:
    lines = tree.get(path, b"").decode("utf-8", "replace").splitlines()
    if not 0 < line <= len(lines):
        return ""
    text = lines[line - 1].strip()
    if text.startswith(("///", "//!")):
        return text[3:].strip()
    if not matches(path, globs) and not _is_inside(name.rpartition("::")[2], line, lines):
        return ""
    return _balanced(lines[line - 1 : line - 1 + _STATEMENT_LINES])


def _is_inside(function: str, line: int, lines: list[str]) -> bool:
    """
    Whether a line is in the body of the function, which ends where a brace stands below its `fn`.
    """
    for start in range(line - 1, -1, -1):
        if re.search(rf"\bfn {re.escape(function)}\b", lines[start]):
            indent = re.match(r"\s*", lines[start])
            closing = f"{indent[0] if indent else ''}}}"
            return not any(text.rstrip() == closing for text in lines[start + 1 : line - 1])
    return False


def _balanced(lines: list[str]) -> str:
    """
    Lines up to where all brackets are closed. Brackets in strings count, which seldom matters.
    """
    taken: list[str] = []
    depth = 0
    for text in lines:
        taken.append(text)
        code = re.sub(r"\"(\\.|[^\"\\])*\"|'(\\.|[^'\\])'", "", text)
        depth += sum(code.count(one) for one in "([{") - sum(code.count(one) for one in ")]}")
        if depth <= 0:
            break
    margin = len(taken[0]) - len(taken[0].lstrip())
    return "\n".join(text[margin:] if not text[:margin].strip() else text for text in taken).strip()
