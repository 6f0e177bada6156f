"""
Parsed Python source: the only bridge to libcst.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from mutators.base import Edit, Refusal, Symbol
from mutators.python._index import index, shape
from mutators.python._precedence import needs_parentheses
from mutators.python._reading import parse_text, read
from mutators.python._scopes import Scope, scope_of
from mutators.python._zones import is_generated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python._index import Index
    from mutators.python._reading import Parsed

Node = TypeVar("Node", bound=cst.CSTNode)
Function = cst.FunctionDef
_BLOCKS = (cst.IndentedBlock, cst.Module)


def parse(data: bytes, path: str) -> PythonSource | Refusal:
    """
    The source of one file, or why it is left alone.
    """
    reading = read(data)
    if isinstance(reading, Refusal):
        return reading
    parsed = parse_text(reading)
    if isinstance(parsed, Refusal):
        return parsed
    return PythonSource(path, parsed)


class PythonSource:
    """
    One file's nodes, spans and names; all offsets are bytes of the file as it stands on disk.
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

    # --- what is asked of every language

    def symbol_at(self, offset: int) -> Symbol | None:
        around = [symbol for symbol in self._symbols if symbol.start <= offset < symbol.end]
        return around[-1] if around else None

    def is_off_limits(self, start: int, end: int) -> bool:
        return self._is_generated or any(
            first < max(end, start + 1) and start < last for first, last in self._zones
        )

    def fingerprint(self) -> bytes:
        words = "\n".join(shape(self.module))
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()

    @cached_property
    def _is_generated(self) -> bool:
        return is_generated(self.data)

    @cached_property
    def _zones(self) -> list[tuple[int, int]]:
        comments = re.finditer(rb"(?m)^[ \t]*#.*$", self.data)
        return [
            *(self.span(node) for node in self.index.roots),
            *(comment.span() for comment in comments),
        ]

    @cached_property
    def _symbols(self) -> list[Symbol]:
        return [self._symbol(node) for node in self.all(cst.FunctionDef)]

    def _symbol(self, node: cst.FunctionDef) -> Symbol:
        head, end = self.line_span(node)
        owners = [
            item.name.value
            for item in self.ancestors(node)
            if isinstance(item, cst.FunctionDef | cst.ClassDef)
        ]
        name = ".".join([*reversed(owners), node.name.value])
        first = self.data.count(b"\n", 0, head) + 1
        last = self.data.count(b"\n", 0, max(head, end - 1)) + 1
        return Symbol(name, head, end, first, last)

    # --- looking

    def find(self, *types: type[Node]) -> Iterator[Node]:
        """
        Nodes of these types in source order, but for those off limits.
        """
        if self._is_generated:
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

    # --- changing

    def edit(self, start: int, end: int, new: str) -> Edit:
        return Edit(start, self.data[start:end], self.encode(new))

    def replace(self, node: cst.CSTNode, new: str) -> Edit:
        """
        Another text for a node, in parentheses where it would bind otherwise.
        """
        if isinstance(node, cst.BaseExpression) and needs_parentheses(node, new, self.parent(node)):
            new = f"({new})"
        return self.edit(*self.span(node), new)

    def swap(self, one: cst.CSTNode, two: cst.CSTNode) -> Edit:
        """
        Two statements, blocks or expressions in each other's place; the first stands first.
        """
        first, second = self.arm_span(one), self.arm_span(two)
        texts = self.decode(*first), self.decode(*second)
        between = self.decode(first[1], second[0])
        if texts[0].endswith("\n") and not texts[1].endswith("\n"):  # the file's last line
            texts = texts[0].removesuffix("\n"), texts[1] + "\n"
        return self.edit(first[0], second[1], texts[1] + between + texts[0])

    def arm(self, node: cst.CSTNode) -> str:
        return self.decode(*self.arm_span(node))

    def arm_span(self, node: cst.CSTNode) -> tuple[int, int]:
        """
        What of a block or statement moves when it changes places: from its first statement's
        indentation to its last one's line end; of an expression all of it.
        """
        if isinstance(node, cst.IndentedBlock):
            return self.line_span(node.body[0])[0], self.line_span(node.body[-1])[1]
        if isinstance(node, cst.BaseStatement):
            return self.line_span(node)
        return self.outer_span(node)

    def binds(self, pattern: cst.CSTNode) -> bool:
        """
        Whether a `case` pattern gives a name a value.
        """
        names = (item.name for item in self.within(pattern, cst.MatchAs))
        stars = (item.name for item in self.within(pattern, cst.MatchStar))
        return any(name is not None for name in (*names, *stars))

    def line_start(self, offset: int) -> int:
        return self.data.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """
        The byte after the line that a byte stands on, its line end included.
        """
        found = self.data.find(b"\n", offset)
        return len(self.data) if found < 0 else found + 1

    def indent(self, node: cst.CSTNode) -> str:
        """
        The white space before a statement.
        """
        start = self.span(node)[0]
        line = self.decode(self.line_start(start), start)
        return line[: len(line) - len(line.lstrip())]

    def line_span(self, node: cst.CSTNode) -> tuple[int, int]:
        """
        A statement's whole lines: its indentation, decorators, trailing comment and line end.
        """
        start = self.line_start(self.span(_first_line(node))[0])
        end = self.line_end(self._last_byte(node))
        depth = len(self.indent(node))
        while self._is_deeper_comment(end, depth):
            end = self.line_end(end)
        return start, end

    def _last_byte(self, node: cst.CSTNode) -> int:
        """
        The last byte of a statement's code; libcst counts later comments to a block.
        """
        lines = [
            self.span(line)[1]
            for line in self.within(node, cst.SimpleStatementLine, cst.SimpleStatementSuite)
        ]
        end = max(lines, default=self.span(node)[1])
        return max(end - 1, self.span(node)[0])

    def _is_deeper_comment(self, offset: int, depth: int) -> bool:
        line = self.data[offset : self.line_end(offset)]
        return len(line) - len(line.lstrip()) > depth and line.lstrip().startswith(b"#")

    def stands_alone(self, node: cst.CSTNode) -> bool:
        """
        Whether a statement has its lines for itself: no `;` neighbour, no header before it.
        """
        start, end = self.line_span(node)
        head = self.data[start : self.span(node)[0]].strip()
        last = self._last_byte(node) + 1
        tail = self.data[last:end].lstrip()
        if head and _first_line(node) is node:
            return False
        return not tail or tail.startswith(b"#") or last >= end

    def can_go(self, node: cst.CSTNode) -> bool:
        """
        Whether a statement can be deleted with whole lines and its block stay well-formed.
        """
        body, at = self.siblings(node)
        others = [item for place, item in enumerate(body) if place != at]
        if not others or (isinstance(node, cst.SimpleStatementLine) and len(node.body) != 1):
            return False
        return self.stands_alone(node) and not all(_is_docstring(item) for item in others)

    def delete(self, node: cst.CSTNode) -> Edit:
        """
        A statement's lines gone, with the comment right above it and a blank line too many.
        """
        start, end = self.line_span(node)
        while start and self._is_comment(self.line_start(start - 1)):
            start = self.line_start(start - 1)
        before = self.data[self.line_start(start - 1) if start else 0 : start].strip()
        if not before or before.endswith(b":"):
            while end < len(self.data) and not self.data[end : self.line_end(end)].strip():
                end = self.line_end(end)
        return self.edit(start, end, "")

    def dedented(self, body: cst.BaseSuite) -> str:
        """
        A block's lines as they would stand one level out; nothing if that is not plain.

        The lines of a string must not move, and white space must be of one sort.
        """
        if not isinstance(body, cst.IndentedBlock):
            return ""
        owner = self.parent(body)
        strings = (*self.within(body, cst.SimpleString), *self.within(body, cst.FormattedString))
        if owner is None or any("\n" in self.text(node) for node in strings):
            return ""
        outer, inner = self.indent(owner), self.indent(body.body[0])
        start, end = self.line_span(body.body[0])[0], self.line_span(body.body[-1])[1]
        while self._is_comment(above := self.line_start(start - 1)):
            start = above
        lines = self.decode(start, end).splitlines(keepends=True)
        if not all(line.startswith(inner) or not line.strip() for line in lines):
            return ""
        return "".join(outer + line.removeprefix(inner) if line.strip() else line for line in lines)

    def _is_comment(self, offset: int) -> bool:
        return self.data[offset : self.line_end(offset)].lstrip().startswith(b"#")

    def is_module_name(self, name: str) -> bool:
        """
        Whether a name is what an import binds.
        """
        known = self._top.variables.get(name)
        return known is not None and known.is_import

    def strands(self, *gone: cst.CSTNode, beside: str = "") -> bool:
        """
        Whether taking nodes away leaves an import, or a local variable but `beside`, unused.
        """
        spans = [self.span(node) for node in gone]
        names = {name.value for node in gone for name in self.within(node, cst.Name)} - {beside}
        return any(
            self.scope(gone[0]).is_stranded(name, spans) or self._top.is_stranded(name, spans)
            for name in names
        )

    @cached_property
    def _top(self) -> Scope:
        return scope_of(self, self.module)


def _first_line(node: cst.CSTNode) -> cst.CSTNode:
    """
    The first decorator, or the statement itself.
    """
    if isinstance(node, cst.FunctionDef | cst.ClassDef) and node.decorators:
        return node.decorators[0]
    return node


def _is_docstring(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return False
    only = node.body[0]
    return isinstance(only, cst.Expr) and isinstance(only.value, cst.BaseString)
