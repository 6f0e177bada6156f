"""
The bridge to Rust source: what a mutator asks of a file, and how it words its edits.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from mutators.base import Edit, Refusal, Symbol
from mutators.rust._limits import is_left_alone, is_log
from mutators.rust._syntax import (
    Node,
    ancestors,
    child,
    is_comment,
    line_of,
    sane_tree,
    text_of,
    walk,
)
from mutators.rust._types import Types

if TYPE_CHECKING:
    from collections.abc import Iterator

# Deeper trees are generated; the walk itself has no limit, other tools that read them do.
_GENERATED = re.compile(rb"@generated|(?i:automatically generated|do not edit)")
_GENERATED_HEAD_BYTES = 1000  # the mark stands in a file's first comment
_ADDITIVE_SAFE = frozenset((
    "arguments", "let_declaration", "assignment_expression", "compound_assignment_expr",
    "return_expression", "parenthesized_expression", "range_expression", "index_expression",
    "block", "match_arm", "field_initializer", "closure_expression", "array_expression",
    "tuple_expression", "expression_statement", "break_expression", "if_expression",
))  # fmt: skip
_LOOSE_OPERATORS = frozenset(("==", "!=", "<", "<=", ">", ">=", "&&", "||"))


def parse(data: bytes, path: str) -> RustSource | Refusal:
    """
    A file's source, or why it is left alone: not UTF-8, not understood, generated.
    """
    root = sane_tree(data)
    if isinstance(root, Refusal):
        return root
    if _GENERATED.search(data, 0, _GENERATED_HEAD_BYTES):
        return Refusal("generated file")
    return RustSource(path, data, root)


class RustSource:
    """
    Parsed source of one Rust file. Nodes are tree-sitter's; spans are bytes.
    """

    def __init__(self, path: str, data: bytes, root: Node) -> None:
        self.path = path
        self.data = data
        self.root = root
        self.types = Types(root)
        self._off: list[tuple[int, int]] = []
        self._logs: list[tuple[int, int]] = []
        self._by_kind: dict[str, list[Node]] = defaultdict(list)
        for node in walk(root, self._may_touch):
            self._by_kind[node.type].append(node)

    def _may_touch(self, node: Node) -> bool:
        if not is_left_alone(node):
            return True
        self._off.append((node.start_byte, node.end_byte))
        if is_log(node):
            self._logs.append((node.start_byte, node.end_byte))
        return False

    def symbol_at(self, offset: int) -> Symbol | None:
        """
        The innermost function around a byte: `f`, `Type::method`, `module::f`, `outer::inner`.
        """
        node = self.root.descendant_for_byte_range(offset, offset)
        function = node if node and node.type == "function_item" else None
        if node is not None and function is None:
            function = enclosing_function(node)
        if function is None:
            return None
        end_row, end_column = function.end_point
        return Symbol(
            name=symbol_name(function),
            start=function.start_byte,
            end=function.end_byte,
            first_line=line_of(function),
            last_line=end_row + (end_column > 0),
        )

    def is_off_limits(self, start: int, end: int) -> bool:
        """
        Whether a span lies in, cuts into, or (logging) holds what no mutator may touch.

        A span that holds a whole comment, type, pattern or macro call is fine.
        """
        for low, high in self._off:
            holds = start <= low and high <= end and (low, high) != (start, end)
            if start < high and low < end and not holds:
                return True
        return any(start < high and low < end for low, high in self._logs)

    def fingerprint(self) -> bytes:
        """
        Hash of all tokens but comments.
        """
        digest = hashlib.sha256()
        for node in walk(self.root, lambda node: not is_comment(node)):
            if not node.children:
                digest.update(node.text or b"")
                digest.update(b"\0")
        return digest.digest()

    def find(self, *kinds: str) -> Iterator[Node]:
        """
        Nodes of these kinds that may be touched, in source order, outer before inner.
        """
        if len(kinds) == 1:
            yield from self._by_kind[kinds[0]]
            return
        found = [node for kind in kinds for node in self._by_kind[kind]]
        yield from sorted(found, key=lambda node: (node.start_byte, -node.end_byte))

    def text(self, node: Node | None) -> str:
        return text_of(node)

    def replace(self, node: Node, new: str) -> Edit:
        """
        The node's whole text becomes `new`.
        """
        return Edit(node.start_byte, node.text or b"", new.encode())

    def replace_span(self, start: int, end: int, new: str) -> Edit:
        return Edit(start, self.data[start:end], new.encode())

    def replace_loosely(self, node: Node, new: str) -> Edit:
        """
        `new` in place of an expression, in parentheses where its `+` or `-` would bind wrongly.
        """
        parent = node.parent
        if parent is not None and parent.type == "binary_expression":
            operator = text_of(child(parent, "operator"))
            is_left = child(parent, "left") == node
            safe = operator in _LOOSE_OPERATORS or (operator in "+-" and is_left)
        else:
            safe = parent is not None and parent.type in _ADDITIVE_SAFE
        return self.replace(node, new if safe else f"({new})")

    def exchange(self, first: Node, second: Node) -> Edit:
        """
        Two nodes in each other's place, with what stands between them as it is.
        """
        between = self.data[first.end_byte : second.start_byte].decode()
        swapped = f"{text_of(second)}{between}{text_of(first)}"
        return self.replace_span(first.start_byte, second.end_byte, swapped)

    def delete_statement(self, statement: Node) -> Edit:
        """
        A statement and the lines it stands on, with the comment directly above, which tells of it.
        """
        start, end = statement.start_byte, statement.end_byte
        line_start = self._line_start(start)
        line_end = self.data.find(b"\n", end)
        line_end = len(self.data) if line_end < 0 else line_end
        trailing = self.data[end:line_end].strip()
        if self.data[line_start:start].strip() or (trailing and not trailing.startswith(b"//")):
            return self.replace_span(start, end, "")
        start, end = self._with_comments(line_start), min(line_end + 1, len(self.data))
        return self.replace_span(start, self._without_double_blank(start, end), "")

    def _line_start(self, offset: int) -> int:
        return self.data.rfind(b"\n", 0, offset) + 1

    def _with_comments(self, start: int) -> int:
        while start > 0:
            above = self._line_start(start - 1)
            if not self.data[above:start].lstrip().startswith(b"//"):
                break
            start = above
        return start

    def _without_double_blank(self, start: int, end: int) -> int:
        above = self.data[self._line_start(max(start - 1, 0)) : start].strip()
        next_end = self.data.find(b"\n", end) + 1
        is_blank = next_end > 0 and not self.data[end:next_end].strip()
        return next_end if is_blank and (not above or above.endswith(b"{")) else end


def enclosing_function(node: Node) -> Node | None:
    """
    The innermost `fn` around a node, closures not counted.
    """
    return next((item for item in ancestors(node) if item.type == "function_item"), None)


def symbol_name(function: Node) -> str:
    """
    A function's name with those of the modules, types and functions around it.
    """
    names = [text_of(child(function, "name"))]
    for item in ancestors(function):
        if item.type in ("mod_item", "trait_item", "function_item"):
            names.append(text_of(child(item, "name")))
        elif item.type == "impl_item":
            names.append(re.sub(r"<.*", "", text_of(child(item, "type")), flags=re.DOTALL))
    return "::".join(reversed(names))
