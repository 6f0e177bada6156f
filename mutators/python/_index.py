"""
The nodes of a module in source order, with parents, and which of them are off limits.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from mutators.python._zones import error_texts, is_off_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python._reading import Parsed

Node = TypeVar("Node", bound=cst.CSTNode)

_LAYOUT = (cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Newline)


@dataclass(frozen=True, slots=True)
class Index:
    """
    Nodes but for layout: `parents` by node, `arid` those off limits, `roots` their topmost.
    """

    parents: dict[cst.CSTNode, cst.CSTNode]
    arid: frozenset[cst.CSTNode]
    roots: tuple[cst.CSTNode, ...]
    spans: dict[cst.CSTNode, tuple[int, int]]
    by_type: dict[type[cst.CSTNode], list[cst.CSTNode]]

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """
        First byte and the one after the last, in the file; without the node's own parentheses.
        """
        return self.spans[node]

    def inside(
        self, start: int, end: int, *types: type[Node], arid: bool = False
    ) -> Iterator[Node]:
        """
        The nodes of these types, or subtypes, that lie within a span; in source order.
        """
        found: list[tuple[int, int, Node]] = []
        for known, nodes in self.by_type.items():
            if not issubclass(known, types):
                continue
            first = bisect.bisect_left(nodes, start, key=lambda node: self.spans[node][0])
            for node in nodes[first:]:
                at, stop = self.spans[node]
                if at >= end:
                    break
                if stop <= end and (arid or node not in self.arid):
                    found.append((at, -stop, node))  # type: ignore[arg-type]  # issubclass above
        found.sort(key=lambda item: item[:2])
        return (node for _, _, node in found)


def index(parsed: Parsed) -> Index:
    """
    Walks the module once.
    """
    parents: dict[cst.CSTNode, cst.CSTNode] = {}
    arid: set[cst.CSTNode] = set()
    roots: list[cst.CSTNode] = []
    spans: dict[cst.CSTNode, tuple[int, int]] = {}
    by_type: dict[type[cst.CSTNode], list[cst.CSTNode]] = defaultdict(list)
    texts: set[cst.CSTNode] = set()
    stack: list[cst.CSTNode] = [parsed.module]
    while stack:
        node = stack.pop()
        parent = parents.get(node)
        if isinstance(node, cst.Raise):
            texts.update(error_texts(node))
        if parent in arid:
            arid.add(node)
        elif node in texts or is_off_limits(node, parent):
            arid.add(node)
            roots.append(node)
        spans[node] = _span(parsed, node)
        by_type[type(node)].append(node)
        children = children_of(node)
        parents.update(dict.fromkeys(children, node))
        stack.extend(reversed(children))
    for nodes in by_type.values():
        nodes.sort(key=lambda node: (spans[node][0], -spans[node][1]))
    return Index(parents, frozenset(arid), tuple(roots), spans, dict(by_type))


def children_of(node: cst.CSTNode) -> list[cst.CSTNode]:
    """
    The nodes directly inside, in the order of the fields, without layout.
    """
    children: list[cst.CSTNode] = []
    for name in _field_names(type(node)):
        value = getattr(node, name)
        items = value if isinstance(value, list | tuple) else (value,)
        children.extend(
            item
            for item in items
            if isinstance(item, cst.CSTNode) and not isinstance(item, _LAYOUT)
        )
    return children


@cache
def _field_names(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


def _span(parsed: Parsed, node: cst.CSTNode) -> tuple[int, int]:
    at = parsed.spans[node]
    return parsed.reading.at(at.start), parsed.reading.at(at.start + at.length)


def shape(module: cst.Module) -> Iterator[str]:
    """
    The program as words, the same for every layout, comment and redundant parenthesis.
    """
    stack: list[object] = [module]
    while stack:
        item = stack.pop()
        if isinstance(item, cst.CSTNode):
            if isinstance(item, _IGNORED):
                continue
            yield type(item).__name__
            stack.append(None)
            stack.extend(getattr(item, name) for name in reversed(_field_names(type(item))))
        elif isinstance(item, str):
            yield repr(item)
        elif isinstance(item, list | tuple):
            stack.append(None)
            stack.extend(reversed(item))
        elif item is None:
            yield "."


_IGNORED = (
    *_LAYOUT, cst.LeftParen, cst.RightParen, cst.Comma, cst.Semicolon, cst.Dot, cst.Colon,
    cst.AssignEqual,
)  # fmt: skip
