"""
`key.compare` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._orders import other_orders
from mutators.python._scopes import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

_REVERSED: dict[type[cst.BaseCompOp], str] = {
    cst.LessThan: ">", cst.GreaterThan: "<", cst.LessThanEqual: ">=", cst.GreaterThanEqual: "<=",
}  # fmt: skip
_SORTERS = frozenset(("sorted", "sort", "min", "max", "nlargest", "nsmallest"))
_LITERAL = (cst.BaseNumber, cst.BaseString, cst.UnaryOperation)


class ReverseOrder(PythonMutator):
    """
    Order things the wrong way: swap a comparator, a sort's direction, or leave out its key.

    Injects: results sorted backwards, or by another thing; the smallest taken for the largest.
    Fair because: any input with two different items comes out in another order.
    Leaves alone: comparisons with a literal, which are limits, and loops, which would not end.
    """

    id = "key.compare"
    cwe = 1025
    examples = (
        Example("if size > 3:\n    cut()\n", after=(), why="a limit, not an order"),
        Example("while a < b:\n    a += 1\n", after=(), why="a loop"),
        Example("if a[j] < a[i]:\n    swap()\n", after=("if a[j] > a[i]:\n    swap()\n",)),
        Example("xs.sort(reverse=True)\n", after=("xs.sort()\n",)),
        Example(
            "ys = sorted(xs, key=by_age)\n",
            after=("ys = sorted(xs, key=by_age, reverse=True)\n", "ys = sorted(xs)\n"),
        ),
        Example(
            "xs.sort(key=lambda x: (x.a, x.b))\n",
            after=(
                "xs.sort(key=lambda x: (x.a, x.b), reverse=True)\n",
                "xs.sort(key=lambda x: (x.b, x.a))\n",
            ),
            why="the second key first",
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for link in source.find(cst.ComparisonTarget):
            reversed_ = _REVERSED.get(type(link.operator))
            if reversed_ and _is_order(source, link):
                yield source.replace(link.operator, reversed_)
        for call in source.find(cst.Call):
            if called(call) in _SORTERS and not any(arg.star for arg in call.args):
                yield from other_orders(source, call)


def _is_order(source: PythonSource, link: cst.ComparisonTarget) -> bool:
    comparison = source.parent(link)
    if not isinstance(comparison, cst.Comparison) or len(comparison.comparisons) > 1:
        return False
    if isinstance(comparison.left, _LITERAL) or isinstance(link.comparator, _LITERAL):
        return False
    around = (item for item in source.ancestors(link) if isinstance(item, cst.BaseStatement))
    return not isinstance(next(around, None), cst.While)
