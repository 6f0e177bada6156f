"""
Rust source on one line, and the places in it where fuel is burned.

A mutated copy stands on the line where the original begins, so that the lines below do not move.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.rust._limits import is_test_code, is_test_function
from mutators.rust._syntax import Node, child, children, is_comment, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

TICK = b"crate::__cab::tick();"

# Nothing that runs, or runs at compile time, or whose tokens may mean anything.
UNWOVEN = frozenset((
    "macro_definition", "macro_invocation", "const_item", "static_item", "const_block",
    "enum_item", "struct_item", "union_item", "type_item", "attribute_item",
    "inner_attribute_item", "parameters", "closure_parameters", "where_clause", "type_parameters",
    "type_arguments", "use_declaration", "associated_type", "extern_crate_declaration",
))  # fmt: skip
_LOOPS = ("for_expression", "while_expression", "loop_expression")
_STRINGS = ("string_literal", "raw_string_literal")
_CONTINUED = re.compile(rb"\\\r?\n\s*")
_QUOTED = {b"\\": b"\\\\", b'"': b'\\"', b"\n": b"\\n", b"\r": b"\\r"}


def is_woven(node: Node) -> bool:
    """
    Whether a node and what is below it may get code of ours.
    """
    if node.type in UNWOVEN or node.type.endswith("_type") or is_comment(node):
        return False
    if is_test_code(node) or is_test_function(node):
        return False
    return not is_array_length(node) and not (node.type == "function_item" and is_const(node))


def is_array_length(node: Node) -> bool:
    parent = node.parent
    return (
        parent is not None and parent.type == "array_expression" and node == child(parent, "length")
    )


def is_const(function: Node) -> bool:
    return any("const" in text_of(one).split() for one in children(function, "function_modifiers"))


def tick_places(root: Node, start: int, end: int) -> Iterator[tuple[int, int]]:
    """
    Where fuel is burned: bodies of functions, loops and closures that touch a span, as spans.

    A span without length is a place in a block; any other is an expression that needs a block.
    """

    def enters(node: Node) -> bool:
        return node.start_byte < end and node.end_byte > start and is_woven(node)

    for node in walk(root, enters):
        body = child(node, "body")
        if body is None or node.type not in (*_LOOPS, "function_item", "closure_expression"):
            continue
        if body.type == "block":
            yield inner_start(body), inner_start(body)
        elif node.type == "closure_expression":
            yield body.start_byte, body.end_byte


def inner_start(block: Node) -> int:
    """
    Behind a block's brace and its inner attributes.
    """
    inner = children(block, "inner_attribute_item")
    return inner[-1].end_byte if inner else block.start_byte + 1


def one_line(root: Node, data: bytes, start: int, end: int) -> bytes:
    """
    A span of `root`'s text without comments or line ends, and with its ticks.

    Strings keep what they mean: line ends in them become escapes.
    """
    parts: list[tuple[int, int, bytes]] = []
    for node in walk(root, lambda node: node.start_byte < end and node.end_byte > start):
        inside = start <= node.start_byte and node.end_byte <= end
        if inside and is_comment(node):
            parts.append((node.start_byte, node.end_byte, b" "))
        elif inside and node.type in _STRINGS:
            text = data[node.start_byte : node.end_byte]
            parts.append((node.start_byte, node.end_byte, _one_line_string(text)))
    ticks = [
        place
        for place in tick_places(root, start, end)
        if start <= place[0] and place[1] <= end and not (place[0] == end == place[1])
    ]
    parts += [(low, low, _tick(low, high)) for low, high in ticks]
    parts += [(high, high, b" }") for low, high in ticks if low != high]
    out: list[bytes] = []
    at = start
    for low, high, text in sorted(parts, key=lambda part: (part[0], part[1])):
        out += [_squeezed(data[at:low]), text]
        at = high
    out.append(_squeezed(data[at:end]))
    return b"".join(out).strip()


def _tick(low: int, high: int) -> bytes:
    return b" " + TICK + b" " if low == high else b"{ " + TICK + b" "


def _squeezed(text: bytes) -> bytes:
    return re.sub(rb"\s+", b" ", text)


def _one_line_string(text: bytes) -> bytes:
    if b"\n" not in text:
        return text
    found = re.match(rb'(b|c)?(r)?(#*)"', text)
    if found is None:
        return text
    inner = text[found.end() : len(text) - 1 - len(found[3])]
    if found[2]:
        inner = re.sub(rb'[\\"\r\n]', lambda one: _QUOTED[one[0]], inner)
    else:
        inner = _CONTINUED.sub(b"", inner)
        inner = inner.replace(b"\r\n", b"\\n").replace(b"\n", b"\\n")
    return (found[1] or b"") + b'"' + inner + b'"'
