"""
`cond.drop-clause` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import without_operand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class DropClause(PythonMutator):
    """
    Forget one clause of a compound condition.

    Injects: a case that the condition was to let in, or keep out, and no longer does.
    Fair because: an input that only this clause decides on tells the two apart.
    Leaves alone: `x or default` outside of conditions, which is `null.check-removed`.
    """

    id = "cond.drop-clause"
    cwe = 1023
    examples = (
        Example("name = given or default\n", after=(), why="no condition"),
        Example(
            "if a and b > 1:\n    go()\n",
            after=("if b > 1:\n    go()\n", "if a:\n    go()\n"),
        ),
        Example(
            "return_ = 1 if not (a or b) else 2\n",
            after=("return_ = 1 if not (b) else 2\n", "return_ = 1 if not (a) else 2\n"),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for operation in source.find(cst.BooleanOperation):
            if _is_condition(source, operation):
                for gone in (operation.left, operation.right):
                    if not source.strands(gone):
                        yield without_operand(source, operation, gone)


def _is_condition(source: PythonSource, node: cst.CSTNode) -> bool:
    around = source.parent(node)
    if isinstance(around, cst.If | cst.IfExp | cst.CompIf | cst.While | cst.Assert):
        return node is around.test
    is_inner = isinstance(around, cst.BooleanOperation | cst.UnaryOperation)
    return is_inner and around is not None and _is_condition(source, around)
