"""
One file's nodes, spans and names.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from mutators.python._index import index
from mutators.python._scopes import Scope, scope_of
from mutators.python._zones import heads_as_generated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python._index import Index
    from mutators.python._reading import Parsed

Node = TypeVar("Node", bound=cst.CSTNode)
_BLOCKS = (cst.IndentedBlock, cst.Module)


class Tree:
    """
    What can be seen in one file; all offsets are bytes of the file as it stands on disk.
    """

    def __init__(self, path: str, parsed: Parsed) -> None:
        self.path = path
        self.data = parsed.reading.data
        self.module = parsed.module
        self._parsed = parsed
        self._scopes: dict[cst.CSTNode, Scope] = {}

    @cached_property
    def index(self) -> Index:
        return index(self._parsed)

    @cached_property
    def is_generated(self) -> bool:
        return heads_as_generated(self.data)

    def find(self, *types: type[Node]) -> Iterator[Node]:
        """
        Nodes of these types in source order, but for those off limits.
        """
        if self.is_generated:
            return iter(())
        return self.index.inside(0, len(self.data) + 1, *types)

    def find_any(self, *types: type[cst.CSTNode]) -> Iterator[cst.CSTNode]:
        """
        As `find`, of types that have nothing in common.
        """
        return self.find(*types)

    def all(self, *types: type[Node]) -> Iterator[Node]:
        """
        Nodes of these types in source order, off limits or not.
        """
        return self.index.inside(0, len(self.data) + 1, *types, arid=True)

    def within(self, node: cst.CSTNode, *types: type[Node]) -> Iterator[Node]:
        """
        Nodes of these types inside of a node, itself included, off limits or not.
        """
        return self.index.inside(*self.span(node), *types, arid=True)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        return self.index.span(node)

    def outer_span(self, node: cst.CSTNode) -> tuple[int, int]:
        """
        The span with the node's own parentheses.
        """
        start, end = self.span(node)
        if isinstance(node, cst.BaseExpression) and node.lpar and node.rpar:
            return self.span(node.lpar[0])[0], self.span(node.rpar[-1])[1]
        return start, end

    def text(self, node: cst.CSTNode) -> str:
        """
        A node as it stands, without its own parentheses.
        """
        start, end = self.span(node)
        return self.decode(start, end)

    def decode(self, start: int, end: int) -> str:
        return self.data[start:end].decode(self._parsed.reading.encoding)

    def encode(self, text: str) -> bytes:
        return text.encode(self._parsed.reading.encoding)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self.index.parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """
        From the parent outwards.
        """
        around = self.parent(node)
        while around is not None:
            yield around
            around = self.parent(around)

    def enclosing(self, node: cst.CSTNode, *types: type[Node]) -> Node | None:
        """
        The innermost node of these types around a node.
        """
        return next((item for item in self.ancestors(node) if isinstance(item, types)), None)

    def definition(self, node: cst.CSTNode) -> cst.FunctionDef | cst.ClassDef | None:
        """
        The innermost function or class around a node.
        """
        for around in self.ancestors(node):
            if isinstance(around, cst.FunctionDef | cst.ClassDef):
                return around
        return None

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """
        The function whose code a node is; a class body between them is not its code.
        """
        around = self.definition(node)
        return around if isinstance(around, cst.FunctionDef) else None

    def scope(self, node: cst.CSTNode) -> Scope:
        """
        The names of the function around a node, or of the module.
        """
        owner = self.function(node) or self.module
        if owner not in self._scopes:
            self._scopes[owner] = scope_of(self, owner)
        return self._scopes[owner]

    def siblings(self, node: cst.CSTNode) -> tuple[list[cst.CSTNode], int]:
        """
        The statements of the block that a statement stands in, and its place; ([], -1) if none.
        """
        block = self.parent(node)
        if not isinstance(block, _BLOCKS):
            return [], -1
        body: list[cst.CSTNode] = list(block.body)
        return body, next(at for at, item in enumerate(body) if item is node)

    def line_start(self, offset: int) -> int:
        return self.data.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """
        The byte after the line that a byte stands on, its line end included.
        """
        found = self.data.find(b"\n", offset)
        return len(self.data) if found < 0 else found + 1
