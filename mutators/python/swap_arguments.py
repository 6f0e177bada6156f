"""
`call.swap-args` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._scopes import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

_COMMUTATIVE = frozenset(
    ("min", "max", "gcd", "lcm", "isclose", "isinstance", "issubclass", "getattr", "hasattr",
     "setattr", "zip", "union", "intersection", "add", "mul", "eq", "ne", "and_", "or_", "xor",
     "hypot", "Union", "chain", "gather", "format", "open", "map", "filter", "reduce", "super")
)  # fmt: skip


class SwapArguments(PythonMutator):
    """
    Pass two arguments in each other's place.

    Injects: a call that works on the right things in the wrong roles.
    Fair because: the two differ, and so does what the function makes of them.
    Leaves alone: functions that take their arguments in any order, literals, and arguments that
        are known to be of different kinds.
    """

    id = "call.swap-args"
    cwe = 683
    examples = (
        Example("m = max(a, b)\n", after=(), why="any order"),
        Example("def f(n: int, s: str):\n    g(n, s)\n", after=(), why="different kinds"),
        Example("draw('x', a, scale=b)\n", after=(), why="a literal, a keyword"),
        Example("draw(width, self.height)\n", after=("draw(self.height, width)\n",)),
        Example("cut(a, b, c)\n", after=("cut(b, a, c)\n", "cut(a, c, b)\n")),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for call in source.find(cst.Call):
            if called(call) in _COMMUTATIVE:
                continue
            for one, two in zip(call.args, call.args[1:], strict=False):
                if _may_swap(source, one, two):
                    texts = source.text(one.value), source.text(two.value)
                    start, end = source.span(one)[0], source.span(two)[1]
                    between = source.decode(source.span(one)[1], source.span(two)[0])
                    yield source.edit(start, end, texts[1] + between + texts[0])


def _may_swap(source: PythonSource, one: cst.Arg, two: cst.Arg) -> bool:
    if one.keyword or two.keyword or one.star or two.star:
        return False
    plain = (cst.Name, cst.Attribute, cst.Subscript)
    first, second = source.text(one.value), source.text(two.value)
    if not isinstance(one.value, plain) or not isinstance(two.value, plain) or first == second:
        return False
    kinds = source.scope(one).kinds(first), source.scope(two).kinds(second)
    is_constant = {first, second} & {"None", "True", "False", "self", "cls"}
    return not is_constant and (not all(kinds) or bool(kinds[0] & kinds[1]))
