"""
Taking definitions out of a file so that what is left is well-formed and tidy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Refusal
from mutators.python._scopes import is_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mutators.python.source import PythonSource


def cut_edits(source: PythonSource, gone: Sequence[cst.CSTNode]) -> tuple[Edit, ...] | Refusal:
    """
    Edits that take statements out, and whatever contains nothing else but a docstring.
    """
    whole = _grown(source, gone)
    spans = [source.line_span(node) for node in whole]
    for node in whole:
        if name := _read_elsewhere(source, node, spans):
            return Refusal(f"{name} is used by what would remain")
    edits = []
    for node in whole:
        if not source.stands_alone(node):
            return Refusal(f"line {_line(source, node)}: shares its line")
        body, at = source.siblings(node)
        rest = [item for place, item in enumerate(body) if place != at and item not in whole]
        if isinstance(source.parent(node), cst.Module) or rest:
            edits.append(source.edit(*_tidy(source, *source.line_span(node)), ""))
        else:
            return Refusal(f"line {_line(source, node)}: its block would be empty")
    return tuple(_merged(source, edits))


def _grown(source: PythonSource, gone: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    """
    The statements, with each container that would be left empty in the place of its content.
    """
    whole = list(gone)
    while True:
        grown = [owner for owner in _emptied(source, whole) if owner not in whole]
        if not grown:
            return whole
        for owner in grown:
            whole = [node for node in whole if owner not in source.ancestors(node)]
        whole += grown


def _emptied(source: PythonSource, gone: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    owners: list[cst.CSTNode] = []
    for node in gone:
        block = source.parent(node)
        owner = source.parent(block) if block is not None else None
        if not isinstance(block, cst.IndentedBlock) or owner is None or owner in owners:
            continue
        left = [item for item in block.body if item not in gone and not _is_filler(item)]
        is_plain = isinstance(owner, cst.ClassDef) or (
            isinstance(owner, cst.If) and owner.orelse is None
        )
        if not left and is_plain:
            owners.append(owner)
    return owners


def _is_filler(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.SimpleStatementLine):
        return False
    only = node.body[0]
    is_text = isinstance(only, cst.Expr) and isinstance(only.value, cst.BaseString | cst.Ellipsis)
    return is_text or isinstance(only, cst.Pass)


def _read_elsewhere(
    source: PythonSource, node: cst.CSTNode, gone: Sequence[tuple[int, int]]
) -> str:
    """
    The name that a statement defines, if what remains reads it outside of a `__main__` block.
    """
    if not isinstance(node, cst.FunctionDef | cst.ClassDef):
        return ""
    is_method = source.enclosing(node, cst.ClassDef) is not None
    for name in source.all(cst.Name):
        at = source.span(name)[0]
        if name.value != node.name.value or any(start <= at < end for start, end in gone):
            continue
        reads = _reads_member(source, name) if is_method else is_variable(source, name)
        if reads and name is not node.name and not _is_in_main(source, name):
            return name.value
    return ""


def _reads_member(source: PythonSource, name: cst.Name) -> bool:
    around = source.parent(name)
    return isinstance(around, cst.Attribute) and name is around.attr


def _is_in_main(source: PythonSource, node: cst.CSTNode) -> bool:
    return any(
        isinstance(item, cst.If) and "__name__" in source.text(item.test)
        for item in source.ancestors(node)
    )


def _tidy(source: PythonSource, start: int, end: int) -> tuple[int, int]:
    """
    The span with the comment right above it, and the blank lines of one side.
    """
    depth = _depth(source, start)
    while start:
        above = source.line_start(start - 1)
        line = source.data[above:start].strip()
        if not line.startswith(b"#") or _depth(source, above) != depth:
            break
        start = above
    after = end
    while after < len(source.data) and _is_blank(source, after):
        after = source.line_end(after)
    if after < len(source.data) and _depth(source, after) >= depth:
        return start, after
    while start and _is_blank(source, source.line_start(start - 1)):
        start = source.line_start(start - 1)
    return start, end


def _is_blank(source: PythonSource, offset: int) -> bool:
    return not source.data[offset : source.line_end(offset)].strip()


def _depth(source: PythonSource, offset: int) -> int:
    line = source.data[offset : source.line_end(offset)]
    return len(line) - len(line.lstrip())


def _merged(source: PythonSource, edits: Sequence[Edit]) -> list[Edit]:
    """
    Edits whose spans met while tidying, as one.
    """
    merged: list[Edit] = []
    for edit in sorted(edits):
        if merged and edit.start <= merged[-1].end:
            last = merged.pop()
            merged.append(source.edit(last.start, max(edit.end, last.end), ""))
        else:
            merged.append(edit)
    return merged


def _line(source: PythonSource, node: cst.CSTNode) -> int:
    return source.data.count(b"\n", 0, source.span(node)[0]) + 1
