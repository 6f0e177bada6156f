"""
Tests in Rust source: finds them, cuts them out, and splices pristine ones back in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Refusal, TestItem
from mutators.rust._doctests import doctests
from mutators.rust._limits import is_test_code, is_test_function
from mutators.rust._syntax import (
    Node,
    ancestors,
    child,
    children,
    line_of,
    parse_tree,
    sane_tree,
    span_with_attributes,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["cut", "doctests", "has_macro_tests", "infile_modules", "splice", "statement_at",
           "test_items", "without_module"]  # fmt: skip


def test_items(data: bytes) -> tuple[TestItem, ...] | Refusal:
    """
    Every `#[test]`-like function, by its in-file module path and name, in source order.
    """
    root = sane_tree(data)
    if isinstance(root, Refusal):
        return root
    functions = (node for node in walk(root, _may_hold_items) if is_test_function(node))
    return tuple(
        TestItem(_path(function), *span_with_attributes(function, data)) for function in functions
    )


def _may_hold_items(node: Node) -> bool:
    return node.type not in ("block", "macro_definition", "attribute_item") or (
        node.parent is not None and node.parent.type == "block"
    )


def _path(item: Node) -> tuple[str, ...]:
    """
    Module names around an item, and its own.
    """
    names = [text_of(child(item, "name"))]
    names += [text_of(child(up, "name")) for up in ancestors(item) if up.type == "mod_item"]
    return tuple(reversed(names))


def cut(data: bytes, names: Collection[tuple[str, ...]]) -> bytes | Refusal:
    """
    `data` without these tests; blank lines that would stand double are closed.
    """
    items = test_items(data)
    if isinstance(items, Refusal):
        return items
    missing = set(names) - {item.names for item in items}
    if missing:
        return Refusal(f"no such test: {', '.join('::'.join(name) for name in sorted(missing))}")
    for item in sorted(items, key=lambda item: -item.start):
        if item.names in names:
            data = _without_span(data, item.start, item.end)
    left = sane_tree(data)
    return left if isinstance(left, Refusal) else data


def _without_span(data: bytes, start: int, end: int) -> bytes:
    """
    `data` without whole lines; of blank lines on both sides one side goes.
    """
    head, tail = data[:start], data[end:]
    above = head[head.rstrip(b"\n").rfind(b"\n") + 1 :]
    blank_above = head.endswith(b"\n\n") or not head or above.rstrip().endswith(b"{")
    if blank_above and tail.startswith(b"\n"):
        tail = tail[1:]
    elif head.endswith(b"\n\n") and tail.lstrip(b" \t").startswith(b"}"):
        head = head[:-1]
    return head + tail


def infile_modules(data: bytes) -> tuple[tuple[tuple[str, ...], int, int], ...] | Refusal:
    """
    Outermost inline `#[cfg(test)]` modules: path of names, and span with attributes.
    """
    root = sane_tree(data)
    return root if isinstance(root, Refusal) else tuple(_test_modules(root, data))


def _test_modules(root: Node, data: bytes) -> list[tuple[tuple[str, ...], int, int]]:
    found = []
    modules = (node for node in walk(root, _may_hold_items) if node.type == "mod_item")
    for module in modules:
        is_inner = any(up.type == "mod_item" and is_test_code(up) for up in ancestors(module))
        if is_test_code(module) and child(module, "body") is not None and not is_inner:
            found.append((_path(module), *span_with_attributes(module, data)))
    return found


def splice(data: bytes, module: tuple[str, ...], pristine: bytes) -> bytes | Refusal:
    """
    `data` with a test module replaced by its pristine text; appended if it is gone.

    An edited file may hold any text. Where it cannot be understood, the module is not found, or
    found twice, that is a refusal: a suite must not run half of two versions.
    """
    root = sane_tree(data)
    if isinstance(root, Refusal):
        return root
    same = [node for node in walk(root, _may_hold_items)
            if node.type == "mod_item" and _path(node) == module]  # fmt: skip
    if len(same) > 1:
        return Refusal(f"module {'::'.join(module)} is there {len(same)} times")
    if same:
        start, end = span_with_attributes(same[0], data)
        return data[:start] + pristine + data[end:]
    if len(module) > 1:
        return _splice_inside(root, data, module, pristine)
    gap = b"" if not data or data.endswith(b"\n\n") else b"\n" if data.endswith(b"\n") else b"\n\n"
    return data + gap + pristine


def _splice_inside(
    root: Node, data: bytes, module: tuple[str, ...], pristine: bytes
) -> bytes | Refusal:
    for node in walk(root, _may_hold_items):
        body = child(node, "body")
        if node.type == "mod_item" and body is not None and _path(node) == module[:-1]:
            end = body.end_byte - 1
            return data[:end] + b"\n" + pristine + data[end:]
    return Refusal(f"module {'::'.join(module[:-1])} is gone")


def without_module(data: bytes, module: tuple[str, ...]) -> bytes | Refusal:
    """
    `data` without a test module, and without the blank line above it.
    """
    found = infile_modules(data)
    if isinstance(found, Refusal):
        return found
    for path, start, end in found:
        if path == module:
            left = _without_span(data, start, end)
            return left.rstrip(b"\n") + b"\n" if start >= len(left.rstrip(b"\n")) else left
    return Refusal(f"no test module {'::'.join(module)}")


def has_macro_tests(data: bytes) -> bool:
    """
    Whether macros make tests here: `#[test]` in a `macro_rules!` or a call, or a `quickcheck!`.
    """
    for node in walk(parse_tree(data)):
        if node.type in ("macro_definition", "macro_invocation"):
            text = "".join(text_of(node).split())
            if "#[test]" in text or text.startswith(("quickcheck!", "proptest!")):
                return True
    return False


def statement_at(data: bytes, line: int) -> str:
    """
    The innermost statement or macro call that spans a line (from 1), "" where none does.
    """
    root = parse_tree(data)
    best: Node | None = None
    for node in walk(root, lambda node: node.start_point[0] < line <= node.end_point[0] + 1):
        if _is_statement(node):
            best = node
    if best is None:
        return _macro_argument_at(root, line)
    return text_of(best)


def _is_statement(node: Node) -> bool:
    if node.type in ("let_declaration", "macro_invocation"):
        return node.parent is None or node.parent.type != "expression_statement"
    return node.type == "expression_statement" and not _is_block_like(node)


def _is_block_like(statement: Node) -> bool:
    inner = children(statement)
    kinds = ("block", "if_expression", "match_expression", "loop_expression", "while_expression",
             "for_expression", "unsafe_block")  # fmt: skip
    return bool(inner) and inner[0].type in kinds


def _macro_argument_at(root: Node, line: int) -> str:
    """
    The tail expression that starts on a line, where no statement does.
    """
    for node in walk(root, lambda node: node.start_point[0] < line <= node.end_point[0] + 1):
        if line_of(node) == line and node.is_named and node.end_point[0] + 1 >= line:
            return text_of(node)
    return ""
