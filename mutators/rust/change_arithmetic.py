"""
Mutator: a calculation uses the wrong operator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, operands, text_of
from mutators.rust._types import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit

_OTHER = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/"}


class ChangeArithmetic(RustMutator):
    """
    Add for subtract, multiply for divide, and the other way round.

    Injects: a calculation with the wrong operator.
    Fair because: the result differs for nearly all numbers.
    Leaves alone: text that is joined by `+`, steps by one, and all that is not surely a number.
    """

    id = "num.arith"
    cwe = 682
    examples = (
        Example("a + b;\n", after=(), why="perhaps text"),
        Example("i + 1;\n", after=(), why="a step; idx.shift"),
        Example("fn f(a: u8, b: u8) { a + b }\n", after=("fn f(a: u8, b: u8) { a - b }\n",)),
        Example("a * 2;\n", after=("a / 2;\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for binary in source.find("binary_expression"):
            left, symbol, right = operands(binary)
            operator = child(binary, "operator")
            if operator is None or symbol not in _OTHER or text_of(right) == "1":
                continue
            kinds = (source.types.type_of(left), source.types.type_of(right))
            if any(kind.lstrip("&") in NUMBERS for kind in kinds):
                yield source.replace(operator, _OTHER[symbol])
