"""
Readings of Rust error handling: where an error leaves, and what would stand there without it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.rust._mutator import (
    block_items,
    child,
    children,
    is_function_result,
    loop_around,
    method_name,
    receiver_of,
    result_type,
    text_of,
)

if TYPE_CHECKING:
    from mutators.rust._mutator import Node

# What a careless author returns instead of the error.
_INNOCENT = {
    "()": "()", "bool": "false", "usize": "0", "u64": "0", "u32": "0", "i32": "0", "i64": "0",
    "u8": "0", "u16": "0", "i8": "0", "i16": "0", "u128": "0", "isize": "0", "f64": "0.0",
    "String": "String::new()", "&str": '""', "Option": "None", "Vec": "Vec::new()",
    "OsString": "OsString::new()", "PathBuf": "PathBuf::new()",
}  # fmt: skip
_WRAPPED = re.compile(r"(Some|Ok)\((\w+)\)")
_ERROR_ARM = re.compile(r"Err\(\w+\)")


def innocent_result(call: Node) -> str:
    """
    `Ok(())` for an `Err(…)` that is a function's result, "" for all else.
    """
    if not re.match(r"Err\s*\(", text_of(call)) or not is_function_result(call):
        return ""
    if call.parent is not None and call.parent.type == "return_expression":
        return ""  # a guard's
    if call.parent is not None and call.parent.type == "match_arm" and _binds(call.parent):
        return ""
    return _innocent_value(call)


def _innocent_value(result: Node) -> str:
    declared = re.match(r"(?:\w+::)*Result<\s*(Option\b|Vec\b|[^,]+?\s*[,>])", result_type(result))
    value = _INNOCENT.get(declared[1].rstrip(" ,>"), "") if declared else ""
    return f"Ok({value})" if value else ""


def _binds(arm: Node) -> bool:
    """
    Whether an arm's value names what its pattern binds.
    """
    bound = set(re.findall(r"\b[a-z_]\w*", text_of(child(arm, "pattern"))))
    return bool(bound & set(re.findall(r"\w+", text_of(child(arm, "value")))))


def swallowed(arm: Node) -> str:
    """
    What an arm `Err(e) => …` that hands the error on gives, if it swallows it; "" for all others.
    """
    value = child(arm, "value")
    if value is None or not _ERROR_ARM.fullmatch(text_of(child(arm, "pattern"))):
        return ""
    if value.type == "return_expression":
        return "break" if "Err(" in text_of(value) and _may_break(loop_around(arm)) else ""
    items = block_items(value) if value.type == "block" else [value]
    is_error = len(items) == 1 and re.match(r"Err\s*\(", text_of(items[0])) is not None
    if not is_error or not is_function_result(value):
        return ""
    innocent = _innocent_value(value)
    return innocent and text_of(value).replace(text_of(items[0]), innocent)


def _may_break(around: Node | None) -> bool:
    """
    Whether `break` can stand in a loop: one that never ends has another type.
    """
    if around is None or around.type != "loop_expression":
        return around is not None
    return re.search(r"\bbreak\s*[,;}]", text_of(around)) is not None


def unwrapped(node: Node) -> Node | None:
    """
    What is left when the way out is gone, None where there is none.
    """
    if node.type == "try_expression":
        inner = node.named_children[0]
        return receiver_of(inner) if method_name(inner) in ("ok_or", "ok_or_else") else inner
    if node.type == "match_expression":
        return child(node, "value") if _only_unwraps(node) else None
    if node.type == "let_declaration":
        pattern = text_of(child(node, "pattern"))
        is_else = child(node, "alternative") is not None
        return child(node, "value") if is_else and _WRAPPED.fullmatch(pattern) else None
    has_default = method_name(node) in ("unwrap_or", "unwrap_or_else", "unwrap_or_default")
    return receiver_of(node) if has_default and "panic!" not in text_of(node) else None


def _only_unwraps(match: Node) -> bool:
    """
    Whether a `match` gives what `Some` or `Ok` holds, and else leaves or gives a default.
    """
    arms = children(child(match, "body"), "match_arm")
    if len(arms) != 2:
        return False
    values = {text_of(child(arm, "pattern")): text_of(child(arm, "value")) for arm in arms}
    held = [_WRAPPED.fullmatch(pattern) for pattern in values]
    return any(found and values[found[0]] == found[2] for found in held)
