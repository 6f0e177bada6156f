"""
`num.arith` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import is_inside_index, is_number, splice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

_OTHER: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "-", cst.Subtract: "+", cst.Multiply: "+", cst.FloorDivide: "*", cst.Divide: "*",
    cst.Modulo: "//",
}  # fmt: skip
_TEXT = (cst.BaseString, cst.List, cst.Tuple)


class MiscalculateValue(PythonMutator):
    """
    Calculate with the wrong operator.

    Injects: a sum for a difference, a product for a quotient.
    Fair because: the two agree for hardly any pair of numbers.
    Leaves alone: texts and lists, and indices, which are `idx.shift`.
    """

    id = "num.arith"
    cwe = 682
    examples = (
        Example("s = 'a' + b\nt = '%s' % b\n", after=(), why="texts"),
        Example("x = xs[i + 1]\n", after=(), why="an index"),
        Example("n = a - b\n", after=("n = a + b\n",)),
        Example("n = a * 2 + b\n", after=("n = a * 2 - b\n", "n = (a + 2) + b\n")),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for operation in source.find(cst.BinaryOperation):
            other = _OTHER.get(type(operation.operator))
            is_text = isinstance(operation.left, _TEXT) or isinstance(operation.right, _TEXT)
            if other is None or is_text or is_inside_index(source, operation):
                continue
            if is_number(source, operation):
                new = splice(source, operation, operation.operator, other)
                yield source.replace(operation, new)
