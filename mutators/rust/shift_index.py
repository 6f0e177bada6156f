"""
Mutator: an index, a range or a count of items is off by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    arguments_of,
    child,
    method_name,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_COUNTED = ("nth", "skip", "take", "get", "get_mut", "split_at", "splitn", "drain", "truncate")
_INDEX_NAMES = ("i", "j", "k", "n", "idx", "index", "pos", "start", "end", "offset")
_INDEXES = ("usize", "int")


class ShiftIndex(RustMutator):
    """
    Shift an index or the end of a range by one.

    Injects: an off-by-one: the wrong item, one item too many or too few.
    Fair because: a test of the result gets another item, or a panic.
    Leaves alone: indexes of maps, and ranges that are stored, whose type would change.
    """

    id = "idx.shift"
    cwe = 193
    examples = (
        Example("v[key];\n", after=(), why="may be a map"),
        Example("let r = 0..n;\n", after=(), why="stored: the type would change"),
        Example("v[i];\n", after=("v[i + 1];\n",)),
        Example("v[i - 1];\n", after=("v[i];\n",)),
        Example("x.iter().nth(0);\n", after=("x.iter().nth(1);\n",)),
        Example("for i in 0..n {}\n", after=("for i in 1..n {}\n", "for i in 0..=n {}\n")),
        Example(
            "s[i..=end];\n",
            after=(
                "s[i + 1..=end];\n",
                "s[i..end];\n",
            ),
        ),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("index_expression", "for_expression", "call_expression"):
            if node.type == "for_expression":
                yield from _in_range(source, child(node, "value"))
            elif node.type == "index_expression":
                index = node.named_children[-1]
                yield from _in_range(source, index)
                yield from _shifted(source, index)
            elif method_name(node) in _COUNTED and arguments_of(node):
                yield from _shifted(source, arguments_of(node)[0])


def _in_range(source: RustSource, node: Node | None) -> Iterator[Edit]:
    while node is not None and node.type in ("parenthesized_expression", "call_expression"):
        is_rev = node.type == "call_expression" and method_name(node) == "rev"
        node = child(child(node, "function"), "value") if is_rev else node.named_children[0]
    if node is None or node.type != "range_expression":
        return
    dots = next(item for item in node.children if item.type in ("..", "..="))
    for side in node.named_children[:1]:
        if side.end_byte <= dots.start_byte:
            yield from _shifted(source, side)
    if node.children[-1] != dots:
        yield source.replace(dots, ".." if dots.type == "..=" else "..=")


def _shifted(source: RustSource, index: Node) -> Iterator[Edit]:
    text = text_of(index)
    if source.is_off_limits(index.start_byte, index.end_byte):
        return
    if index.type == "integer_literal" and text.isdigit():
        yield source.replace(index, str(int(text) + 1))
    elif index.type == "binary_expression" and text.endswith((" + 1", " - 1")):
        yield source.replace(index, text_of(child(index, "left")))
    elif source.types.type_of(index) in _INDEXES or text in _INDEX_NAMES:
        yield source.replace_loosely(index, f"{text} + 1")
