"""
`num.rounding` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._scopes import called
from mutators.python._shapes import is_inside_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class LoseRounding(PythonMutator):
    """
    Round another way: divide exactly where the quotient was to be whole, or the reverse.

    Injects: a fraction where a whole number belongs, or a result cut off or not rounded.
    Fair because: any value that does not divide evenly comes out differently.
    Leaves alone: indices, where a fraction only crashes, and paths joined with `/`.
    """

    id = "num.rounding"
    cwe = 1339
    examples = (
        Example("p = root / 'name'\n", after=(), why="a path"),
        Example("x = xs[n // 2]\n", after=(), why="an index"),
        Example("n = a // b\n", after=("n = a / b\n",)),
        Example("n = total / 60\n", after=("n = total // 60\n",)),
        Example("n = round(x * 100)\n", after=("n = int(x * 100)\n",)),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for node in source.find_any(cst.BinaryOperation, cst.Call):
            match node:
                case cst.BinaryOperation(operator=cst.FloorDivide() as operator):
                    if not is_inside_index(source, node):
                        yield source.replace(operator, "/")
                case cst.BinaryOperation(operator=cst.Divide() as operator, right=right):
                    if isinstance(right, cst.BaseNumber):
                        yield source.replace(operator, "//")
                case cst.Call(func=func) if called(node) == "round" and len(node.args) == 1:
                    yield source.replace(func, "int")
