"""
Code blocks in Rust doc comments, named as rustdoc names them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mutators.rust._syntax import Node, ancestors, child, parse_tree, text_of, walk

_FENCE = re.compile(r"^\s*(```+|~~~+)\s*([^`]*)$")
# Words in a fence that still mean Rust that is run; another word means it is not Rust.
_RUST_WORDS = re.compile(r"rust|should_panic|no_run|edition\d+|test_harness|standalone(_crate)?")
_ITEMS = (
    "function_item", "struct_item", "enum_item", "trait_item", "mod_item", "impl_item",
    "const_item", "static_item", "type_item", "union_item", "macro_definition",
    "function_signature_item", "enum_variant", "field_declaration", "use_declaration",
)  # fmt: skip


@dataclass(slots=True)
class _Block:
    words: str
    line: int  # of the opening fence, from 1
    code: list[str]


def doctests(data: bytes, path: str) -> tuple[tuple[str, int, str, int], ...]:
    """
    Runnable code blocks: (item path, ordinal of the item's blocks from 0, code, line of the fence).

    The item path is what rustdoc prints between `path - ` and ` (line N)`, without the modules
    that `path` itself stands for; "" for the file's own documentation. Hidden `# ` lines keep
    their text without the mark.
    """
    root = parse_tree(data)
    counts: dict[str, int] = {}
    found = []
    for lines, item in _documentation(root):
        name = _item_path(item)
        for block in _blocks(lines):
            if _is_run(block.words):
                ordinal = counts.get(name, 0)
                counts[name] = ordinal + 1
                found.append((name, ordinal, "\n".join(block.code), block.line))
    return tuple(found)


def _documentation(root: Node) -> list[tuple[list[tuple[int, str]], Node | None]]:
    """
    Runs of doc comment lines (number, text without marks) with the item that they document.
    """
    runs: list[tuple[list[tuple[int, str]], Node | None, Node]] = []
    for node in walk(root):
        if node.type not in ("line_comment", "block_comment") or child(node, "doc") is None:
            continue
        is_inner = child(node, "inner") is not None
        item = _inside(node) if is_inner else _below(node)
        lines = _doc_lines(node)
        if runs and runs[-1][1] == item and runs[-1][2].parent == node.parent:
            runs[-1][0].extend(lines)
        else:
            runs.append((lines, item, node))
    return [(lines, item) for lines, item, _ in runs]


def _doc_lines(comment: Node) -> list[tuple[int, str]]:
    first = comment.start_point[0] + 1
    text = text_of(child(comment, "doc"))
    lines = text.splitlines() or [""]
    if comment.type == "block_comment":
        lines = [re.sub(r"^\s*\* ?", "", line) for line in lines]
    else:
        lines = [line.removeprefix(" ") for line in lines]
    return [(first + number, line) for number, line in enumerate(lines)]


def _inside(comment: Node) -> Node | None:
    return next((item for item in ancestors(comment) if item.type in _ITEMS), None)


def _below(comment: Node) -> Node | None:
    item = comment.next_named_sibling
    while item is not None and item.type not in _ITEMS:
        item = item.next_named_sibling
    return item


def _item_path(item: Node | None) -> str:
    if item is None:
        return ""
    names = []
    for node in (item, *ancestors(item)):
        if node.type == "impl_item":
            names.append(re.sub(r"\s+", "", text_of(child(node, "type"))))
        elif node.type in _ITEMS:
            names.append(text_of(child(node, "name")))
    return "::".join(name for name in reversed(names) if name)


def _blocks(lines: list[tuple[int, str]]) -> list[_Block]:
    found: list[_Block] = []
    fence = ""
    for number, line in lines:
        match = _FENCE.match(line)
        if match and not fence:
            fence = match[1]
            found.append(_Block(match[2].strip(), number, []))
        elif match and match[1].startswith(fence) and not match[2]:
            fence = ""
        elif fence:
            found[-1].code.append(re.sub(r"^(\s*)# ", r"\1", line) if line.strip() != "#" else "")
    return found


def _is_run(words: str) -> bool:
    named = [word for word in re.split(r"[\s,]+", words) if word]
    return all(_RUST_WORDS.fullmatch(word) for word in named)
