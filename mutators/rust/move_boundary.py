"""
Mutator: a comparison is off by one at its boundary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, operands, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_ACROSS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


class MoveBoundary(RustMutator):
    """
    Make a strict comparison inclusive, or an inclusive one strict.

    Injects: an off-by-one that shows only where both sides are equal.
    Fair because: a test at the boundary tells the two apart.
    Leaves alone: `==` and `!=`, which have no boundary, and fractions, which hardly meet one.
    """

    id = "cond.boundary"
    cwe = 193
    examples = (
        Example("i == n;\n", after=(), why="no boundary to move"),
        Example("x < 0.7;\n", after=(), why="a fraction"),
        Example("i < n;\n", after=("i <= n;\n",)),
        Example("if i >= n {}\n", after=("if i > n {}\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for comparison in source.find("binary_expression"):
            operator = child(comparison, "operator")
            if operator is None or text_of(operator) not in _ACROSS:
                continue
            if not _is_fraction(source, comparison):
                yield source.replace(operator, _ACROSS[text_of(operator)])


def _is_fraction(source: RustSource, comparison: Node) -> bool:
    left, _, right = operands(comparison)
    fractions = ("float", "f32", "f64")
    return source.types.type_of(left) in fractions or source.types.type_of(right) in fractions
