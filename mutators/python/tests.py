"""
Tests in Python source: found, cut out, and quoted by line.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Refusal, TestItem, apply_edits
from mutators.python._cutting import cut_edits
from mutators.python._reading import syntax_refusal
from mutators.python.source import parse_kept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mutators.python.source import PythonSource

Names = tuple[str, ...]
_COMPOUND: tuple[type[cst.BaseCompoundStatement], ...] = (
    cst.If, cst.For, cst.While, cst.Try, cst.TryStar, cst.With, cst.Match, cst.FunctionDef,
    cst.ClassDef,
)  # fmt: skip
_SHORT_BLOCK = 4  # statements of a `with` block that are quoted with its head


def test_items(data: bytes) -> tuple[TestItem, ...] | Refusal:
    """
    The functions that pytest or unittest would run, by their path of names; in source order.
    """
    source = parse_kept(data)
    if isinstance(source, Refusal):
        return source
    return tuple(
        TestItem(names_of(source, node), *source.line_span(node))
        for node in source.all(cst.FunctionDef)
        if node.name.value.startswith("test") and _is_collected(source, node)
    )


def cut(data: bytes, names: Collection[Names]) -> bytes | Refusal:
    """
    The file without these tests, and without classes that nothing remains in.

    A test that a class of the file has from another one there is cut where it is defined.
    """
    source = parse_kept(data)
    if isinstance(source, Refusal):
        return source
    gone: list[cst.CSTNode] = []
    for path in sorted(names):
        nodes = definitions(source, path)
        if not nodes:
            return Refusal(f"no such test: {'.'.join(path)}")
        gone += [node for node in nodes if node not in gone]
    edits = cut_edits(source, gone)
    if isinstance(edits, Refusal):
        return edits
    left = apply_edits(data, edits)
    unreadable = syntax_refusal(left)
    return left if unreadable is None else unreadable


def statement_at(data: bytes, line: int) -> str:
    """
    The statement that a line (from 1) is in, dedented; of a long block only the head.

    The bare line where the file cannot be parsed, nothing where there is no such line.
    """
    lines = data.splitlines(keepends=True)
    if not 1 <= line <= len(lines):
        return ""
    start = sum(map(len, lines[: line - 1]))
    end = start + len(lines[line - 1])
    source = parse_kept(data)
    if isinstance(source, Refusal):
        return lines[line - 1].decode("utf-8", "replace").strip()
    around: list[cst.CSTNode] = [
        node
        for node in source.all(cst.SimpleStatementLine, *_COMPOUND)
        if source.span(node)[0] < end and start < source.span(node)[1]
    ]
    return _quoted(source, around[-1]) if around else source.decode(start, end).strip()


def names_of(source: PythonSource, node: cst.FunctionDef | cst.ClassDef) -> Names:
    """
    The classes around a definition, outermost first, then itself.
    """
    owners = [
        item.name.value
        for item in source.ancestors(node)
        if isinstance(item, cst.ClassDef | cst.FunctionDef)
    ]
    return (*reversed(owners), node.name.value)


def definitions(source: PythonSource, path: Names) -> list[cst.CSTNode]:
    """
    Where a test is defined: as written, else in a base class of the file, or by assignment.
    """
    owner, name = path[:-1], path[-1]
    found: list[cst.CSTNode] = [
        node for node in source.all(cst.FunctionDef) if names_of(source, node) == path
    ]
    found += _assigned(source, owner, name)
    if found or not owner:
        return found
    for base in _bases(source, owner):
        found += [node for node in definitions(source, (*base, name)) if node not in found]
    return found


def _assigned(source: PythonSource, owner: Names, name: str) -> Iterator[cst.CSTNode]:
    for line in source.all(cst.SimpleStatementLine):
        assign = line.body[0] if len(line.body) == 1 else None
        if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
            continue
        around = source.definition(line)
        target = assign.targets[0].target
        if (
            isinstance(target, cst.Name)
            and target.value == name
            and ((names_of(source, around) if around else ()) == owner)
        ):
            yield line


def _bases(source: PythonSource, owner: Names) -> list[Names]:
    """
    The base classes of a class that the same file defines.
    """
    classes = {names_of(source, node): node for node in source.all(cst.ClassDef)}
    node = classes.get(owner)
    if node is None:
        return []
    bases = [tuple(source.text(base.value).split(".")) for base in node.bases]
    places = [*bases, *((*owner[:-1], *base) for base in bases)]
    return [place for place in dict.fromkeys(places) if place in classes and place != owner]


def _is_collected(source: PythonSource, node: cst.FunctionDef) -> bool:
    """
    Whether a test function stands at module level or in a class, not in another function.
    """
    around = source.definition(node)
    if isinstance(around, cst.FunctionDef):
        return False
    return around is None or _is_test_class(around)


def _is_test_class(node: cst.ClassDef) -> bool:
    return bool(node.bases) or "test" in node.name.value.lower()


def _quoted(source: PythonSource, node: cst.CSTNode) -> str:
    start, end = source.span(node)
    body = getattr(node, "body", None)
    if isinstance(node, cst.BaseCompoundStatement) and isinstance(body, cst.IndentedBlock):
        is_short = isinstance(node, cst.With) and len(body.body) <= _SHORT_BLOCK
        first = source.line_start(source.span(body.body[0])[0])
        end = source.line_span(node)[1] if is_short else first
    text = source.decode(source.line_start(start), end)
    return textwrap.dedent(text).strip()
