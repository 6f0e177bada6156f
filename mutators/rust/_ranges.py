"""
Indexes and ranges that can be shifted by one, so that the program still builds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.rust._mutator import child, method_name, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node, RustSource

_INDEX_NAMES = ("i", "j", "k", "n", "idx", "index", "pos", "start", "end", "offset")
_INDEXES = ("usize", "int")


def shifts_in_range(source: RustSource, node: Node | None) -> Iterator[Edit]:
    """
    The start of a range moved on, its end moved by `..` for `..=` or the other way round.
    """
    while node is not None and node.type in ("parenthesized_expression", "call_expression"):
        is_rev = node.type == "call_expression" and method_name(node) == "rev"
        node = child(child(node, "function"), "value") if is_rev else node.named_children[0]
    if node is None or node.type != "range_expression":
        return
    dots = next(item for item in node.children if item.type in ("..", "..="))
    for side in node.named_children[:1]:
        if side.end_byte <= dots.start_byte:
            yield from shifted(source, side)
    if node.children[-1] != dots:
        yield source.replace(dots, ".." if dots.type == "..=" else "..=")


def shifted(source: RustSource, index: Node) -> Iterator[Edit]:
    """
    One more than an index, or one less if one is added or taken off; nothing if it is no number.
    """
    text = text_of(index)
    if source.is_off_limits(index.start_byte, index.end_byte):
        return
    if index.type == "integer_literal" and text.isdigit():
        yield source.replace(index, str(int(text) + 1))
    elif index.type == "binary_expression" and text.endswith((" + 1", " - 1")):
        yield source.replace(index, text_of(child(index, "left")))
    elif source.types.type_of(index) in _INDEXES or text in _INDEX_NAMES:
        yield source.replace_loosely(index, f"{text} + 1")


def is_past_array(source: RustSource, access: Node) -> bool:
    """
    Whether the next item of an array of fixed length is past its end, which does not build.
    """
    array, index = access.named_children[0], text_of(access.named_children[-1])
    length = re.search(r";(\d+)\]$", source.types.type_of(array))
    return length is not None and index.isdigit() and int(index) + 1 >= int(length[1])
