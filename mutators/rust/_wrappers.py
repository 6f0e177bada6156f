"""
Calls around a value that can go, so that the program still builds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.rust._mutator import (
    arguments_of,
    child,
    in_parentheses,
    method_name,
    receiver_of,
    text_of,
)

if TYPE_CHECKING:
    from mutators.rust._mutator import Node, RustSource

# The result has the type of what they are called on …
_ALWAYS = ("abs", "saturating_sub", "saturating_add", "max", "min", "clamp", "pow")
_TEXT = ("trim", "trim_start", "trim_end", "trim_matches", "trim_start_matches",
         "trim_end_matches")  # fmt: skip  # … if that is a &str
_LETTER = ("to_ascii_lowercase", "to_ascii_uppercase")  # … if that is a char or a byte
# … or the chain goes on with another adaptor, so that nothing names the type.
_CHAINED = ("rev", "skip", "take", "filter", "step_by", "skip_while", "take_while", "chain")
_TIGHT = ("binary_expression", "unary_expression", "field_expression", "type_cast_expression",
          "try_expression", "index_expression")  # fmt: skip


def unwrapped_value(source: RustSource, call: Node) -> str:
    """
    What a call is made of, as it fits where the call stands; "" if it may not fit.
    """
    receiver, arguments = receiver_of(call), arguments_of(call)
    if receiver is not None:
        return text_of(receiver) if _is_idle(source, call, receiver) else ""
    if len(arguments) != 1 or not _keeps_type(source, call, arguments[0]):
        return ""
    is_tight = call.parent is not None and call.parent.type in _TIGHT
    return in_parentheses(arguments[0]) if is_tight else text_of(arguments[0])


def _is_idle(source: RustSource, call: Node, receiver: Node) -> bool:
    """
    Whether the receiver fits where the call stands.
    """
    name, kind = method_name(call), source.types.type_of(receiver)
    if name in _ALWAYS:
        return len(arguments_of(call)) == (0 if name == "abs" else 2 if name == "clamp" else 1)
    if name in _TEXT:
        return kind == "&str"
    if name in _LETTER:
        return kind in ("char", "u8")
    return name in _CHAINED and _goes_on(call) and (name == "rev" or bool(arguments_of(call)))


def _goes_on(call: Node) -> bool:
    parent = call.parent
    if parent is not None and parent.type == "for_expression":
        return child(parent, "value") == call
    return parent is not None and parent.type == "field_expression"


def _keeps_type(source: RustSource, call: Node, argument: Node) -> bool:
    signature = source.types.signature_of(call)
    if signature is None or len(signature.parameters) != 1 or signature.receiver:
        return False
    result = signature.result
    return result == signature.parameters[0] and source.types.type_of(argument) == result


def turned_round(call: Node) -> tuple[str, ...]:
    """
    `b.x.cmp(&a.x)` of `a.x.cmp(&b.x)`; nothing for arguments that cannot stand before a dot.
    """
    argument, function = arguments_of(call)[0], child(call, "function")
    if argument.type not in ("reference_expression", "identifier", "field_expression"):
        return ()
    text, name = text_of(argument), text_of(child(function, "field"))
    # Where the other side is borrowed, so must this one be when it changes places.
    mark = "&" if text.startswith("&") else ""
    return (f"{text.removeprefix('&')}.{name}({mark}{text_of(receiver_of(call))})",)
