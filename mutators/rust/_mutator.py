"""
What Rust mutators have in common: their language, and small readings of a node.
"""

from __future__ import annotations

from typing import ClassVar

from mutators.base import Language, Mutator
from mutators.rust._syntax import Node, ancestors, child, children, text_of
from mutators.rust.source import RustSource, enclosing_function

__all__ = [
    "Node", "RustMutator", "RustSource", "arguments_of", "block_items", "child", "children",
    "dedented", "enclosing_function", "guard_exit", "in_parentheses", "is_formatting",
    "is_function_result", "is_in_eq", "is_statement", "is_tail", "loop_around", "method_name",
    "method_node", "negated", "operands", "receiver_of", "result_type", "text_of",
]  # fmt: skip

_CLOSED = frozenset((
    "identifier", "call_expression", "field_expression", "parenthesized_expression", "self",
    "index_expression", "boolean_literal", "scoped_identifier", "macro_invocation",
))  # fmt: skip
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_ERROR_TESTS = ("is_ok", "is_err", "is_some", "is_none")
LOOPS = ("for_expression", "while_expression", "loop_expression")


class RustMutator(Mutator[RustSource]):
    """
    A mutator of Rust source.
    """

    language: ClassVar[Language] = "rust"


def method_name(call: Node) -> str:
    """
    `len` of `x.len()` and of `x.y.len::<T>()`, "" of a call that is no method call.
    """
    function = child(call, "function")
    if function is not None and function.type == "generic_function":
        function = child(function, "function")
    return text_of(child(function, "field"))


def method_node(call: Node) -> Node | None:
    """
    The name in a method call.
    """
    function = child(call, "function")
    if function is not None and function.type == "generic_function":
        function = child(function, "function")
    return child(function, "field")


def receiver_of(call: Node) -> Node | None:
    """
    `x` of `x.f(y)`.
    """
    function = child(call, "function")
    if function is not None and function.type == "generic_function":
        function = child(function, "function")
    return child(function, "value")


def arguments_of(call: Node) -> list[Node]:
    return children(child(call, "arguments"))


def operands(binary: Node) -> tuple[Node, str, Node]:
    """
    Left side, operator, right side of a binary expression.
    """
    left, right = child(binary, "left"), child(binary, "right")
    if left is None or right is None:
        raise ValueError(f"{binary.type} has no two sides")
    return left, text_of(child(binary, "operator")), right


def in_parentheses(node: Node) -> str:
    """
    An expression's text, to be put behind `!` or a dot.
    """
    text = text_of(node)
    return text if node.type in _CLOSED else f"({text})"


def block_items(block: Node | None) -> list[Node]:
    """
    A block's statements and its tail, without comments and attributes.
    """
    return [item for item in children(block) if item.type != "attribute_item"]


def is_statement(expression: Node) -> bool:
    """
    Whether nothing uses the expression's value: with `;`, or a block-like one that is no tail.
    """
    parent = expression.parent
    if parent is None or parent.type != "expression_statement":
        return False
    return text_of(parent).endswith(";") or not is_tail(parent)


def is_tail(item: Node) -> bool:
    """
    Whether a block's value is this item's.
    """
    block = item.parent
    if block is None or block.type != "block" or text_of(item).endswith(";"):
        return False
    return block_items(block)[-1:] == [item]


def loop_around(node: Node) -> Node | None:
    """
    The innermost loop around a node in the same function or closure.
    """
    for item in ancestors(node):
        if item.type in LOOPS:
            return item
        if item.type in ("function_item", "closure_expression", "async_block"):
            return None
    return None


def result_type(node: Node) -> str:
    """
    The declared result of the function around a node, "" in a closure or where none is written.
    """
    for item in ancestors(node):
        if item.type in ("closure_expression", "async_block"):
            return ""
        if item.type == "function_item":
            return text_of(child(item, "return_type"))
    return ""


def negated(condition: Node) -> str:
    """
    The opposite of a condition; "" of a pattern, and of a test for an error (`err.invert`).
    """
    if condition.type in ("let_condition", "let_chain") or method_name(condition) in _ERROR_TESTS:
        return ""
    if condition.type == "unary_expression" and text_of(condition).startswith("!"):
        inner = condition.named_children[-1]
        return "" if method_name(inner) in _ERROR_TESTS else text_of(inner)
    if condition.type == "binary_expression":
        left, operator, right = operands(condition)
        if "None" in (text_of(left), text_of(right)):
            return ""
        if operator in _NEGATED:
            return f"{text_of(left)} {_NEGATED[operator]} {text_of(right)}"
        if operator not in ("&&", "||"):
            return ""
    return "!" + in_parentheses(condition)


def guard_exit(condition: Node, *kinds: str) -> Node | None:
    """
    `return x` of `if c { return x; }` as a statement: no `else`, nothing beside it.

    Exits of the given kinds only; by default `return`, `continue` and `break`.
    """
    if condition.type != "if_expression" or condition.parent is None:
        return None
    is_statement = condition.parent.type == "expression_statement"
    if not is_statement or child(condition, "alternative") is not None:
        return None
    items = block_items(child(condition, "consequence"))
    if len(items) != 1:
        return None
    leaving = items[0].named_children[0] if items[0].type == "expression_statement" else items[0]
    exits = kinds or ("return_expression", "continue_expression", "break_expression")
    return leaving if leaving.type in exits else None


def is_in_eq(node: Node) -> bool:
    """
    Whether a node is in the comparison of an `impl PartialEq`.
    """
    return text_of(child(enclosing_function(node), "name")) == "eq"


def is_formatting(node: Node) -> bool:
    """
    Whether a node is in a function that writes to a formatter, which never fails in practice.
    """
    function = enclosing_function(node)
    signature = text_of(child(function, "parameters")) + text_of(child(function, "return_type"))
    return "Formatter" in signature or "fmt::Result" in signature


def is_function_result(node: Node) -> bool:
    """
    Whether the value becomes the function's own: by `return`, or as the tail of its body.
    """
    for parent in ancestors(node):
        if parent.type == "function_item":
            return True
        if parent.type == "return_expression":
            return result_type(parent) != ""
        if not _passes_on(parent, node):
            return False
        node = parent
    return False


def _passes_on(parent: Node, node: Node) -> bool:
    """
    Whether the value of `node` is that of `parent`, when `node` is what is evaluated last.
    """
    match parent.type:
        case "block":
            return is_tail(node)
        case "match_arm" | "match_expression":
            return (
                node == child(parent, "value")
                if parent.type == "match_arm"
                else (node != child(parent, "value"))
            )
        case "if_expression":
            return node != child(parent, "condition")
        case "expression_statement":
            return is_tail(parent)
        case "match_block" | "else_clause":
            return True
        case _:
            return False


def dedented(source: RustSource, block: Node) -> str:
    """
    A block's statements, one level further left, to stand where the block's owner stood.

    "" if there are none, if they declare names or leave, or if the last is a value.
    """
    items = block_items(block)
    if not items or any(item.type != "expression_statement" for item in items):
        return ""
    last = items[-1].named_children[0]
    exits = ("return_expression", "continue_expression", "break_expression")
    if last.type in exits or not text_of(items[-1]).endswith((";", "}")):
        return ""
    text = source.data[items[0].start_byte : items[-1].end_byte].decode()
    depth = items[0].start_point[1]
    outer = source.data.rfind(b"\n", 0, block.end_byte - 1) + 1
    step = depth - (block.end_byte - 1 - outer)
    return text.replace("\n" + " " * depth, "\n" + " " * (depth - step)) if step > 0 else text
