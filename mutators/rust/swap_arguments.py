"""
Mutator: two arguments of a call stand in each other's place.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, arguments_of, method_name, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_STANDARD = ("replace", "replacen", "clamp")  # methods whose first two parameters have one type
_MAX_PAIRS = 3


class SwapArguments(RustMutator):
    """
    Swap two arguments of the same type.

    Injects: arguments in the wrong order.
    Fair because: the function's parameters mean different things, and its tests show it.
    Leaves alone: functions that the file does not declare, and types that are not the same.
    """

    id = "call.swap-args"
    cwe = 683
    examples = (
        Example("fn f(of: u8, to: u16) {}\nfn g() { f(x, y); }\n", after=(), why="two types"),
        Example("h(x, y);\n", after=(), why="not declared here"),
        Example("fn f(of: u8, to: u8) {}\nfn g() { f(x, y + 1); }\n",
                after=("fn f(of: u8, to: u8) {}\nfn g() { f(y + 1, x); }\n",)),
        Example('s.replace("a", "b");\n', after=('s.replace("b", "a");\n',)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for call in source.find("call_expression"):
            arguments = arguments_of(call)
            for first, second in _same_type(source, call, arguments)[:_MAX_PAIRS]:
                yield source.exchange(first, second)


def _same_type(source: RustSource, call: Node, arguments: list[Node]) -> list[tuple[Node, Node]]:
    signature = source.types.signature_of(call)
    if signature is not None and len(signature.parameters) == len(arguments):
        pairs = [
            (arguments[first], arguments[second])
            for first, second in combinations(range(len(arguments)), 2)
            if signature.parameters[first] == signature.parameters[second]
            and not signature.parameters[first].startswith("&mut")
            and "impl" not in signature.parameters[first]
            and not _are_peers(signature.names[first], signature.names[second])
        ]
    elif method_name(call) in _STANDARD and len(arguments) > 1:
        pairs = [(arguments[0], arguments[1])] if arguments[0].type == arguments[1].type else []
    else:
        pairs = []
    return [pair for pair in pairs if text_of(pair[0]) != text_of(pair[1])]


def _are_peers(first: str, second: str) -> bool:
    """
    Whether two parameters' names say that their order does not matter: `a` and `b`, `s1` and `s2`.
    """
    return first[:-1] == second[:-1]
