"""
Mutator: a call that prepares or limits a value is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    arguments_of,
    child,
    method_name,
    receiver_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

# The result has the type of what they are called on …
_ALWAYS = ("abs", "saturating_sub", "saturating_add", "max", "min", "clamp", "pow")
_TEXT = ("trim", "trim_start", "trim_end", "trim_matches", "trim_start_matches",
         "trim_end_matches")  # fmt: skip  # … if that is a &str
_LETTER = ("to_ascii_lowercase", "to_ascii_uppercase")  # … if that is a char or a byte
# … or the chain goes on with another adaptor, so that nothing names the type.
_CHAINED = ("rev", "skip", "take", "filter", "step_by", "skip_while", "take_while", "chain")


class DropWrappingCall(RustMutator):
    """
    Use a value as it is, without the call that trims, limits, reverses or filters it.

    Injects: a missing call around a value.
    Fair because: a test with a value that needs the call gets another result.
    Leaves alone: calls that change the type, or that may do.
    """

    id = "call.drop-wrap"
    cwe = 684
    examples = (
        Example("x.to_lowercase();\n", after=(), why="another type"),
        Example("let i = v.iter().rev();\n", after=(), why="stored"),
        Example("fn f(s: &str) { g(s.trim()); }\n", after=("fn f(s: &str) { g(s); }\n",)),
        Example("for x in v.iter().rev() {}\n", after=("for x in v.iter() {}\n",)),
        Example("x.max(1);\n", after=("x;\n",)),
        Example("fn f(a: &A) -> &A {}\nfn g(x: &A) { h(f(x)); }\n",
                after=("fn f(a: &A) -> &A {}\nfn g(x: &A) { h(x); }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for call in source.find("call_expression"):
            receiver, arguments = receiver_of(call), arguments_of(call)
            if receiver is None:
                if len(arguments) == 1 and _keeps_type(source, call, arguments[0]):
                    yield source.replace(call, text_of(arguments[0]))
            elif _is_idle(source, call, receiver):
                yield source.replace(call, text_of(receiver))


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
    return name in _CHAINED and _goes_on(call)


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
