"""
`cond.boundary` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

_ACROSS: dict[type[cst.BaseCompOp], str] = {
    cst.LessThan: "<=", cst.LessThanEqual: "<", cst.GreaterThan: ">=", cst.GreaterThanEqual: ">",
}  # fmt: skip


class MoveBoundary(PythonMutator):
    """
    Make a strict comparison inclusive, or an inclusive one strict.

    Injects: an off-by-one that shows only where both sides are equal.
    Fair because: a test at the boundary tells the two apart.
    Leaves alone: `==` and `is`, which have no boundary; fractions, which are hardly ever equal.
    """

    id = "cond.boundary"
    cwe = 193
    examples = (
        Example("i == n\n", after=(), why="no boundary to move"),
        Example("share < 0.5\n", after=(), why="a fraction"),
        Example("i < n\n", after=("i <= n\n",)),
        Example("0 <= i < n\n", after=("0 < i < n\n", "0 <= i <= n\n"), why="each link alone"),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for comparison in source.find(cst.Comparison):
            for link in comparison.comparisons:
                across = _ACROSS.get(type(link.operator))
                if across and not isinstance(link.comparator, cst.Float):
                    yield source.replace(link.operator, across)
