"""
Probes: calls woven into Rust source that tell which blocks a test run reaches.

Woven sources are for one run only; no task is made of them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mutators.base import Edit, Refusal, apply_edits
from mutators.rust._limits import is_const_or_unsafe, is_test_code, is_test_function
from mutators.rust._syntax import Node, child, children, is_comment, sane_tree, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PROBES = 1 << 20  # of a crate: one byte each in the runtime's table

# Goes to the end of every crate root (`lib.rs`, `main.rs`, `bin/*.rs`) whose files are woven.
# It appends an id and a line end to the file named by CAB_REACH when the id is first hit.
RUNTIME = b"""
#[doc(hidden)]
#[allow(warnings)]
mod __cab_reach {
    extern crate std;
    use self::std::io::Write;
    use self::std::sync::atomic::{AtomicBool, Ordering};
    const NEW: AtomicBool = AtomicBool::new(false);
    static SEEN: [AtomicBool; 1 << 20] = [NEW; 1 << 20];
    pub fn hit(id: usize) {
        if SEEN[id].swap(true, Ordering::Relaxed) {
            return;
        }
        if let self::std::option::Option::Some(path) = self::std::env::var_os("CAB_REACH") {
            let mut file = self::std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .expect("CAB_REACH cannot be opened");
            file.write_all(self::std::format!("{}\\n", id).as_bytes())
                .expect("CAB_REACH cannot be written");
        }
    }
}
"""

# Nothing that runs, or runs at compile time.
_SKIPPED = frozenset((
    "macro_definition", "macro_invocation", "const_item", "static_item", "const_block",
    "enum_item", "struct_item", "union_item", "type_item", "attribute_item",
    "inner_attribute_item", "parameters", "where_clause", "type_parameters", "type_arguments",
))  # fmt: skip
_LEAVING = frozenset((
    "return_expression", "try_expression", "break_expression", "continue_expression",
    "macro_invocation", "loop_expression",
))  # fmt: skip


def weave_probes(data: bytes, first_id: int) -> tuple[bytes, tuple[tuple[int, int, int], ...]]:
    """
    `data` with probes, and their (id, start, end): the span of the original that each stands for.

    Spans nest; code is reached if the probe of the smallest span around it is hit. A span is a
    block, the part of a block behind a statement that may leave it, an arm's value, or the body
    of a closure. Source that is not understood gets no probes.
    """
    root = sane_tree(data)
    if isinstance(root, Refusal):
        return data, ()
    edits: list[Edit] = []
    spans: list[tuple[int, int, int]] = []
    for node in walk(root, _may_weave):
        for at, start, end in _places(node):
            call = f"crate::__cab_reach::hit({first_id + len(spans)});".encode()
            wraps = node.type != "block"
            edits.append(Edit(at, b"", b"{ " + call + b" " if wraps else b" " + call + b" "))
            if wraps:
                edits.append(Edit(end, b"", b" }"))
            spans.append((first_id + len(spans), start, end))
    return _insert_all(data, edits), tuple(spans)


def _insert_all(data: bytes, edits: list[Edit]) -> bytes:
    """
    Insertions at one place: ends before starts, inner ends before outer ones.
    """
    merged: dict[int, bytes] = {}
    for edit in edits:
        before = merged.get(edit.start, b"")
        merged[edit.start] = edit.new + before if edit.new == b" }" else before + edit.new
    return apply_edits(data, [Edit(start, b"", new) for start, new in merged.items()])


def _may_weave(node: Node) -> bool:
    if node.type in _SKIPPED or node.type.endswith("_type") or is_comment(node):
        return False
    if is_test_code(node) or is_test_function(node):
        return False
    is_length = node.parent is not None and node.parent.type == "array_expression" and (
        node == child(node.parent, "length")
    )  # fmt: skip
    return not is_length and not (node.type == "function_item" and _is_const(node))


def _is_const(function: Node) -> bool:
    modifiers = " ".join(map(text_of, children(function, "function_modifiers"))).split()
    return is_const_or_unsafe(function) and "const" in modifiers


def _places(node: Node) -> Iterator[tuple[int, int, int]]:
    """
    (where the probe goes, start and end of what it stands for).
    """
    if node.type == "block":
        yield from _in_block(node)
    elif node.type == "match_arm":
        yield from _around(child(node, "value"))
    elif node.type == "closure_expression" and child(node, "return_type") is None:
        yield from _around(child(node, "body"))


def _around(value: Node | None) -> Iterator[tuple[int, int, int]]:
    """
    An expression that gets a block of its own.
    """
    if value is not None and value.type not in ("block", "unsafe_block", "async_block"):
        yield value.start_byte, value.start_byte, value.end_byte


def _in_block(block: Node) -> Iterator[tuple[int, int, int]]:
    items = children(block)
    inner = [item for item in items if item.type == "inner_attribute_item"]
    first = inner[-1].end_byte if inner else block.start_byte + 1
    yield first, block.start_byte, block.end_byte
    for before, item in pairwise(items):
        if before.type.endswith(("_statement", "_declaration")) and _may_leave(before):
            yield item.start_byte, item.start_byte, block.end_byte


def _may_leave(statement: Node) -> bool:
    return any(
        node.type in _LEAVING
        for node in walk(statement, lambda node: node.type != "closure_expression")
    )
