"""
Where an edit of Rust source can be switched: the smallest code around it that may stand in an `if`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mutators.base import Edit, Refusal, apply_edits
from mutators.rust._switch_iterator import has_return, item_of
from mutators.rust._switch_text import UNWOVEN, inner_start, is_array_length, is_const, one_line
from mutators.rust._syntax import Node, ancestors, child, children, parse_tree, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LETS = ("let_condition", "let_chain")
_NOT_HELD = ("let_declaration", "empty_statement")
_PANICS = frozenset(("panic", "unreachable", "todo", "unimplemented"))
_LEAVING = ("return_expression", "break_expression", "continue_expression")
_PART = Refusal("its copy would not mean what the edited source means")


@dataclass(frozen=True, slots=True)
class Place:
    """
    A span of the original that goes into an `if`, and the copy that stands beside it.

    `is_whole`: it is all of the function's body. With an `item`, its value is the iterator that
    the function returns, of such items: copy and original may have two types.
    """

    start: int
    end: int
    copy: bytes
    is_in_parentheses: bool = False
    is_whole: bool = False
    item: str = ""


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kids: tuple[Node, ...] = ()  # statements of a block; none: one expression
    is_in_parentheses: bool = False
    is_body: bool = False  # it has the function's type, whatever it ends with


def function_at(root: Node, edits: Sequence[Edit]) -> Node | Refusal:
    """
    The innermost function whose body holds all (trimmed) edits and that runs at run time.
    """
    low, high = _core(edits)
    node = root.descendant_for_byte_range(low, high)
    for item in (node, *ancestors(node)) if node is not None else ():
        if item.type in UNWOVEN or item.type.endswith("_type"):
            return Refusal(f"in a {item.type}")
        if is_array_length(item):
            return Refusal("in the length of an array")
        if item.type == "function_item":
            body = child(item, "body")
            if is_const(item):
                return Refusal("in a const fn")
            if body is None or not (body.start_byte < low and high < body.end_byte):
                return Refusal("in a function's head")
            return item
    return Refusal("outside of functions")


def place_edits(
    root: Node, data: bytes, edits: Sequence[Edit], *, is_whole_body: bool
) -> Place | Refusal:
    """
    The smallest holder of the edits; if none fits or `is_whole_body`, the body of their function.

    The copy is cut out of the edited function, parsed anew, so that it means what it would mean
    there (`a && b && c` with the first `&&` made `||` is `a || (b && c)`). Edits are trimmed.
    """
    function = function_at(root, edits)
    if isinstance(function, Refusal):
        return function
    edited = _Edited.of(function, data, edits)
    if isinstance(edited, Refusal):
        return edited
    body = child(function, "body")
    assert body is not None
    holders = () if is_whole_body else _holders(root, body, edits)
    # The value of a `return` in the copy would be of another type.
    item = "" if edited.has_return() else item_of(function, body)
    for span in (*holders, *_body(body)):
        copy = edited.copy_of(span)
        if not isinstance(copy, Refusal):
            own = item if _has_tail(span, body) else ""
            return Place(span.start, span.end, copy, span.is_in_parentheses, span.is_body, own)
    return _PART


def _core(edits: Sequence[Edit]) -> tuple[int, int]:
    """
    The span of trimmed edits, without white space at its ends.
    """
    spans = [_inked(edit) for edit in edits]
    return min(low for low, _ in spans), max(high for _, high in spans)


def _inked(edit: Edit) -> tuple[int, int]:
    inner = edit.old.strip()
    start = edit.start + (len(edit.old) - len(edit.old.lstrip()) if inner else 0)
    return start, start + len(inner)


def trimmed(edit: Edit) -> Edit:
    """
    The same edit without the bytes that old and new text share at both ends.
    """
    old, new = edit.old, edit.new
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Edit(edit.start + head, old[head : len(old) - tail], new[head : len(new) - tail])


def _body(body: Node) -> Iterator[_Span]:
    kids = _kids(body)
    if kids:
        yield _Span(inner_start(body), kids[-1].end_byte, kids, is_body=True)


def _has_tail(span: _Span, body: Node) -> bool:
    """
    Whether the value of a span is the one of the function.
    """
    return bool(span.kids) and span.kids[-1] == _kids(body)[-1] and not _ends(span.kids[-1])


def _kids(block: Node) -> tuple[Node, ...]:
    return tuple(kid for kid in children(block) if kid.type != "inner_attribute_item")


def _holders(root: Node, body: Node, edits: Sequence[Edit]) -> Iterator[_Span]:
    """
    From the smallest to the body of the function.
    """
    low, high = _core(edits)
    node = root.descendant_for_byte_range(low, high)
    for item in (node, *ancestors(node)) if node is not None else ():
        if item == body:
            yield from _in_body(body, low, high)
        elif item.type == "block":
            yield from _in_block(item, low, high)
        elif _is_value(item):
            parent = item.parent
            has_else = parent is not None and child(parent, "alternative") is not None
            yield _Span(item.start_byte, item.end_byte, (), has_else)
        if item == body:
            return


def _is_value(item: Node) -> bool:
    """
    Whether an expression stands where only its value counts, and is evaluated once or not at all.
    """
    parent = item.parent
    if parent is None or item.type in _LETS or any(_is_let(one) for one in item.children):
        return False
    kind = parent.type
    if kind == "let_declaration":
        # `ref` binds the place itself: a value would be a copy of it.
        pattern = child(parent, "pattern")
        is_bound = pattern is not None and any(
            one.type in ("ref", "ref_pattern") for one in walk(pattern)
        )
        return item == child(parent, "value") and not is_bound
    if kind in ("if_expression", "while_expression", "match_pattern"):
        return item == child(parent, "condition")
    if kind == "match_arm":
        return item == child(parent, "value") and item.type != "block"
    if kind == "closure_expression":
        return item == child(parent, "body") and item.type != "block"
    return kind in ("return_expression", "break_expression") and item.type != "label"


def _is_let(node: Node) -> bool:
    return node.type in _LETS or (
        node.type == "binary_expression" and any(_is_let(one) for one in node.children)
    )


def _in_body(body: Node, low: int, high: int) -> Iterator[_Span]:
    """
    As in any block; but where that is all of the body, it may end with anything.
    """
    for span in _in_block(body, low, high):
        if span.kids != _kids(body):
            yield span
        else:
            yield from _body(body)


def _in_block(block: Node, low: int, high: int) -> Iterator[_Span]:
    """
    The one statement that the edits touch; or from the first touched one to the end of the block.
    """
    kids = _kids(block)
    touched = [kid for kid in kids if kid.start_byte < high and low < kid.end_byte]
    touched = touched or [kid for kid in kids if kid.start_byte <= low <= kid.end_byte][:1]
    if len(touched) == 1 and _is_statement(touched[0]):
        yield _Span(touched[0].start_byte, touched[0].end_byte, tuple(touched))
    first = touched[0].start_byte if touched else low
    rest = tuple(kid for kid in kids if kid.start_byte >= first)
    while rest and (before := rest[0].prev_named_sibling) and before.type == "attribute_item":
        rest = (before, *rest)
    if rest:
        yield _Span(rest[0].start_byte, rest[-1].end_byte, rest)


def _is_statement(kid: Node) -> bool:
    return kid.type not in _NOT_HELD and not kid.type.endswith(("_item", "_declaration"))


class _Edited:
    """
    One function as the edits make it, parsed by itself.
    """

    def __init__(self, function: Node, edits: tuple[Edit, ...], text: bytes, root: Node) -> None:
        self._start = function.start_byte
        self._edits = edits
        self._text = text
        self._root = root

    @staticmethod
    def of(function: Node, data: bytes, edits: Sequence[Edit]) -> _Edited | Refusal:
        start, end = function.start_byte, function.end_byte
        moved = tuple(sorted(Edit(edit.start - start, edit.old, edit.new) for edit in edits))
        if moved[0].start < 0 or moved[-1].end > end - start:
            return Refusal("reaches out of its function")
        text = apply_edits(data[start:end], moved)
        root = parse_tree(text)
        return Refusal("does not parse") if root.has_error else _Edited(function, moved, text, root)

    def has_return(self) -> bool:
        return has_return(self._root)

    def copy_of(self, span: _Span) -> bytes | Refusal:
        """
        What becomes of a span, on one line.
        """
        low = self._moved(span.start - self._start, is_end=False)
        high = self._moved(span.end - self._start, is_end=True)
        held = self._text[low:high]
        low, high = low + len(held) - len(held.lstrip()), high - (len(held) - len(held.rstrip()))
        high = max(low, high)
        is_whole = self._holds_kids(low, high, span) if span.kids else self._holds(low, high)
        if not is_whole:
            return _PART
        return one_line(self._root, self._text, low, high)

    def _moved(self, offset: int, *, is_end: bool) -> int:
        moved = offset
        for edit in self._edits:
            if edit.end < offset or (edit.end == offset and (is_end or edit.start < offset)):
                moved += len(edit.new) - len(edit.old)
            elif edit.start < offset:
                return moved - offset + edit.start + (len(edit.new) if is_end else 0)
        return moved

    def _holds(self, low: int, high: int) -> bool:
        """
        Whether a span is one expression, where only its value counts.
        """
        node = self._root.descendant_for_byte_range(low, high)
        for item in (node, *ancestors(node)) if node is not None else ():
            if (item.start_byte, item.end_byte) != (low, high):
                return False
            if _is_value(item):
                return True
        return False

    def _holds_kids(self, low: int, high: int, span: _Span) -> bool:
        """
        Whether a span is some statements of a block, with the others left as they were.
        """
        block = self._block(low, high)
        if block is None:
            return False
        kids = _kids(block)
        inside = [kid for kid in kids if low <= kid.start_byte and kid.end_byte <= high]
        outside = [kid for kid in kids if kid.end_byte <= low or high <= kid.start_byte]
        parent = span.kids[0].parent
        before = _kids(parent) if parent is not None else ()
        if len(inside) + len(outside) != len(kids):
            return False
        if len(outside) != len(before) - len(span.kids):
            return False
        if span.is_body or span.kids[-1] != before[-1] or not _ends(span.kids[-1]):
            return True
        return not _leaves(span.kids[-1]) or (bool(inside) and _leaves(inside[-1]))

    def _block(self, low: int, high: int) -> Node | None:
        node = self._root.descendant_for_byte_range(low, high)
        for item in (node, *ancestors(node)) if node is not None else ():
            if item.type == "block" and item.start_byte < low and high < item.end_byte:
                return item
        return None


def _ends(kid: Node) -> bool:
    return text_of(kid).endswith(";")


def _leaves(node: Node) -> bool:
    """
    Whether code never goes on behind a statement; a block that ends with such a one has any type.
    """
    if node.type in ("expression_statement", "parenthesized_expression", "unsafe_block"):
        return any(_leaves(one) for one in children(node))
    if node.type in _LEAVING:
        return True
    if node.type == "macro_invocation":
        return text_of(child(node, "macro")).rsplit("::", 1)[-1] in _PANICS
    if node.type == "block":
        kids = _kids(node)
        return bool(kids) and _leaves(kids[-1])
    if node.type == "if_expression":
        other = child(node, "alternative")
        then = child(node, "consequence")
        return other is not None and then is not None and _leaves(then) and (
            any(_leaves(one) for one in children(other))
        )  # fmt: skip
    if node.type == "match_expression":
        values = [child(arm, "value") for arm in children(child(node, "body"), "match_arm")]
        return bool(values) and all(value is not None and _leaves(value) for value in values)
    return node.type == "loop_expression" and not any(
        one.type == "break_expression" for one in walk(node)
    )
