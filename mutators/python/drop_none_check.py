"""
`null.check-removed` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import is_none_check, is_value, leaves, without_operand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class DropNoneCheck(PythonMutator):
    """
    Forget that a value may be missing: drop a None check, or the default of `x or default`.

    Injects: None, or an empty value, in a place that needs a real one.
    Fair because: a call without the value ends in an error or another answer.
    Leaves alone: conditions without a None check, whose clauses are `cond.drop-clause`.
    """

    id = "null.check-removed"
    cwe = 476
    examples = (
        Example("if a and b:\n    f()\n", after=(), why="no None check"),
        Example(
            "if x is not None and x.ready:\n    f()\n",
            after=("if x.ready:\n    f()\n",),
        ),
        Example("name = given or 'anonymous'\n", after=("name = given\n",)),
        Example("y = x.y if x is not None else 0\n", after=("y = x.y\n",)),
        Example(
            "def f(x=None):\n    if x is None:\n        x = 3\n    return x\n",
            after=("def f(x=None):\n    return x\n",),
            why="the default that stands in for None",
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for node in source.find_any(cst.BooleanOperation, cst.IfExp, cst.If):
            match node:
                case cst.BooleanOperation(left=left, right=right):
                    if is_none_check(left) or (
                        is_value(source, node) and not source.strands(right)
                    ):
                        gone = left if is_none_check(left) else right
                        yield without_operand(source, node, gone)
                case cst.IfExp(test=test, body=body):
                    if is_none_check(test, cst.IsNot) and not source.strands(node.orelse):
                        yield source.replace(node, source.text(body))
                case cst.If(test=test, orelse=None):
                    fills = is_none_check(test, cst.Is) and not leaves(node.body)
                    if fills and source.can_go(node) and not source.strands(node):
                        yield source.delete(node)
