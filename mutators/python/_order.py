"""
Whether two neighbouring statements can change places, and whether it matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.python._scopes import names_in

if TYPE_CHECKING:
    from mutators.python.source import PythonSource


def is_plain(source: PythonSource, line: cst.SimpleStatementLine) -> bool:
    """
    Whether one line is one assignment or call, with no comment of its own above.
    """
    if len(line.body) != 1 or not source.stands_alone(line) or "\n" in source.text(line):
        return False
    if any(item.comment for item in line.leading_lines):
        return False
    only = line.body[0]
    is_call = isinstance(only, cst.Expr) and isinstance(only.value, cst.Call)
    return is_call or isinstance(only, cst.Assign | cst.AugAssign)


def depend(
    source: PythonSource, first: cst.SimpleStatementLine, second: cst.SimpleStatementLine
) -> bool:
    """
    Whether the second reads, or changes, what the first changes, and could do so before it too.
    """
    changed, also = _changed(source, first), _changed(source, second)
    reads = _reads(source, second)
    if changed & also:  # two steps of one thing, that often come to the same in any order
        return False
    touched = changed & reads
    return bool(touched) and all(_is_bound_before(source, first, name) for name in touched)


def _reads(source: PythonSource, line: cst.SimpleStatementLine) -> set[str]:
    """
    The variables and attributes that a line reads, dotted as they stand.
    """
    dotted = {source.text(node) for node in source.within(line, cst.Attribute)}
    return dotted | names_in(source, (line,))


def _changed(source: PythonSource, line: cst.SimpleStatementLine) -> set[str]:
    only = line.body[0]
    if isinstance(only, cst.AugAssign):
        return {source.text(only.target).partition("[")[0]}
    if isinstance(only, cst.Assign):
        return {source.text(item.target).partition("[")[0] for item in only.targets}
    if isinstance(only, cst.Expr) and isinstance(only.value, cst.Call):
        func = only.value.func
        return {source.text(func.value)} if isinstance(func, cst.Attribute) else set()
    return set()


def _is_bound_before(source: PythonSource, line: cst.CSTNode, name: str) -> bool:
    known = source.scope(line).variables.get(name.split(".")[0])
    start = source.span(line)[0]
    if "." in name:
        function = source.function(line)
        return function is not None and function.name.value != "__init__"
    return known is not None and any(source.span(item)[0] < start for item in known.bound)
