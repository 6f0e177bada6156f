"""
Rust syntax trees: parsing, and walking from node to node; nothing here knows of bugs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tree_sitter_rust
from tree_sitter import Language, Parser
from tree_sitter import Node as Node

from mutators.base import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RUST = Language(tree_sitter_rust.language())
COMMENTS = ("line_comment", "block_comment")
FUNCTIONS = ("function_item", "closure_expression")


def parse_tree(data: bytes) -> Node:
    """
    The `source_file` node; it may hold ERROR and MISSING nodes.
    """
    return Parser(_RUST).parse(data).root_node


def sane_tree(data: bytes) -> Node | Refusal:
    """
    The `source_file` node of text that is UTF-8 and parses without an error.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refusal(f"not UTF-8: byte {error.start}")
    root = parse_tree(data)
    if root.has_error:
        return Refusal(f"syntax not understood near line {_first_error_line(root)}")
    return root


def _first_error_line(root: Node) -> int:
    broken = walk(root, lambda node: node.has_error)
    return max((node.start_point[0] + 1 for node in broken if node.is_error or node.is_missing),
               default=root.start_point[0] + 1)  # fmt: skip


def walk(root: Node, enter: Callable[[Node], bool] = lambda node: True) -> Iterator[Node]:
    """
    `root` and all named and unnamed nodes below it in source order, not those below a node that
    `enter` refuses (nor that node itself).
    """
    stack = [root]
    while stack:
        node = stack.pop()
        if enter(node):
            yield node
            stack.extend(reversed(node.children))


def text_of(node: Node | None) -> str:
    """
    The node's source text, "" of no node.
    """
    return (node.text or b"").decode("utf-8") if node is not None else ""


def child(node: Node | None, field: str) -> Node | None:
    return node.child_by_field_name(field) if node is not None else None


def children(node: Node | None, *kinds: str) -> list[Node]:
    """
    Named children without comments; of the given kinds only, if any are given.
    """
    named = node.named_children if node is not None else []
    return [item for item in named if (item.type in kinds if kinds else item.type not in COMMENTS)]


def ancestors(node: Node) -> Iterator[Node]:
    """
    Parent, grandparent and so on, up to the file.
    """
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def ancestors_until(node: Node, *kinds: str) -> Iterator[Node]:
    """
    Ancestors below the first of one of these kinds.
    """
    for parent in ancestors(node):
        if parent.type in kinds:
            return
        yield parent


def attributes(item: Node) -> list[Node]:
    """
    The attributes that stand above an item, a statement or an arm, topmost first.
    """
    found: list[Node] = children(item, "attribute_item")  # of arms: inside
    before = item.prev_named_sibling
    while before is not None and (before.type == "attribute_item" or is_comment(before)):
        if before.type == "attribute_item":
            found.insert(0, before)
        before = before.prev_named_sibling
    return found


def attribute_path(attribute: Node) -> str:
    """
    `test` of `#[test]`, `tokio::test` of `#[tokio::test(flavor = "x")]`.
    """
    match = re.match(r"#!?\[\s*([\w:]+)", text_of(attribute))
    return match[1] if match else ""


def is_comment(node: Node) -> bool:
    return node.type in COMMENTS


def line_of(node: Node) -> int:
    return node.start_point[0] + 1


def span_with_attributes(item: Node, data: bytes) -> tuple[int, int]:
    """
    An item's bytes with its attributes and doc comments, its indentation and its line end.
    """
    first = item
    before = item.prev_named_sibling
    while before is not None and (before.type == "attribute_item" or _is_attached(before, first)):
        first, before = before, before.prev_named_sibling
    start = first.start_byte
    line_start = data.rfind(b"\n", 0, start) + 1
    if not data[line_start:start].strip():
        start = line_start
    end = item.end_byte
    line_end = data.find(b"\n", end)
    if line_end >= 0 and not data[end:line_end].strip():
        end = line_end + 1
    return start, end


def _is_attached(comment: Node, below: Node) -> bool:
    """
    Whether a comment stands directly above, with no line between, and is not a file's own (`//!`).
    """
    if not is_comment(comment) or text_of(comment).startswith(("//!", "/*!")):
        return False
    last_line = comment.end_point[0] - (comment.end_point[1] == 0)
    before = comment.prev_sibling
    trails = before is not None and before.end_point[0] == comment.start_point[0] and (
        before.type not in COMMENTS or before.end_point[1] > 0
    )  # fmt: skip
    return below.start_point[0] - last_line <= 1 and not trails
