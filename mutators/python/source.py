"""
Parsed Python source: the only bridge to libcst.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Refusal, Symbol
from mutators.python._index import shape
from mutators.python._precedence import needs_parentheses
from mutators.python._reading import parse_text, read
from mutators.python._scopes import Scope, scope_of
from mutators.python._tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@lru_cache(maxsize=32)
def parse_kept(data: bytes) -> PythonSource | Refusal:
    """
    Kept: the test files of a seed are asked about for each of its mutants.
    """
    return parse(data, "")


class PythonSource(Tree):
    """
    One file: what is asked of every language, and edits that leave no scar.
    """

    def symbol_at(self, offset: int) -> Symbol | None:
        around = [symbol for symbol in self._symbols if symbol.start <= offset < symbol.end]
        return around[-1] if around else None

    def is_off_limits(self, start: int, end: int) -> bool:
        return self.is_generated or any(
            first < max(end, start + 1) and start < last for first, last in self._zones
        )

    def fingerprint(self) -> bytes:
        words = "\n".join(shape(self.module))
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()

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

    def unwrap(self, node: cst.BaseExpression, new: str) -> Iterator[Edit]:
        """
        As `replace`; where that would assign a name to itself, the statement goes instead.
        """
        around = self.parent(node)
        line = self.parent(around) if around is not None else None
        if not isinstance(around, cst.Assign) or self.text(around.targets[-1].target) != new:
            yield self.replace(node, new)
        elif line is not None and len(around.targets) == 1 and self.can_go(line):
            yield self.delete(line)

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
