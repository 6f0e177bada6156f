"""
Mutator: a method is called that is much like the right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    arguments_of,
    child,
    enclosing_function,
    method_node,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node
    from mutators.rust._types import Signature

_PAIRS = (
    "starts_with ends_with", "trim_start trim_end", "find rfind", "first last",
    "push_front push_back", "pop_front pop_back", "to_uppercase to_lowercase",
    "to_ascii_uppercase to_ascii_lowercase", "any all", "is_uppercase is_lowercase",
    "is_alphabetic is_numeric", "is_ascii_uppercase is_ascii_lowercase", "min max",
    "is_ascii_digit is_ascii_alphabetic", "strip_prefix strip_suffix", "skip_while take_while",
    "is_ascii_alphanumeric is_ascii_alphabetic", "trim_start_matches trim_end_matches",
    "split_once rsplit_once", "checked_add checked_sub", "saturating_add saturating_sub",
    "front back", "is_alphanumeric is_alphabetic", "wrapping_add wrapping_sub", "floor ceil",
    "splitn rsplitn",
)  # fmt: skip
_SIBLINGS = {name: other for pair in _PAIRS for name, other in (pair.split(), pair.split()[::-1])}
_SIBLINGS |= {"trim": "trim_start", "is_alphabetic": "is_numeric", "skip": "take", "take": "skip"}
_MAX_DONORS = 2


class CallSibling(RustMutator):
    """
    Call the neighbour of a function: its mirror image, or another with the same signature.

    Injects: the wrong function, of two whose names or types are alike.
    Fair because: the two give different results on ordinary input.
    Leaves alone: functions without a sibling in the standard library's pairs or in the file.
    """

    id = "call.sibling"
    cwe = 684
    examples = (
        Example("x.len();\n", after=()),
        Example("fn f(a: u8) {}\nfn g(a: u16) {}\nfn h() { f(1); }\n", after=(), why="other types"),
        Example('x.starts_with("a");\n', after=('x.ends_with("a");\n',)),
        Example("fn f(a: u8) -> u8 {}\nfn g(b: u8) -> u8 {}\nfn h() { f(1); }\n",
                after=("fn f(a: u8) -> u8 {}\nfn g(b: u8) -> u8 {}\nfn h() { g(1); }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for call in source.find("call_expression"):
            name = method_node(call)
            signature = source.types.signature_of(call)
            if signature is not None:
                function = child(call, "function")
                last = name or child(function, "name") or function
                for donor in _donors(source, call, signature):
                    yield source.replace(last or call, donor)
            elif name is not None and text_of(name) in _SIBLINGS and arguments_of(call) is not None:
                yield source.replace(name, _SIBLINGS[text_of(name)])


def _donors(source: RustSource, call: Node, signature: Signature) -> list[str]:
    """
    Functions with the same types; never one around the call or that calls it: no end of calls.
    """
    around = text_of(child(enclosing_function(call), "name"))
    found = [
        other.name
        for others in source.types.functions.values()
        for other in others
        if other.owner == signature.owner and other.receiver == signature.receiver
        and other.parameters == signature.parameters and other.result == signature.result
        and other.name not in (signature.name, around) and not other.generics
        and not signature.generics and f"{around}(" not in text_of(other.node)
    ]  # fmt: skip
    return found[:_MAX_DONORS]
