"""
`idx.length` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class MistakeLength(PythonMutator):
    """
    Count one too many or too few: take a length without its `- 1`, or with one.

    Injects: a size, a last index or a padding that is one off.
    Fair because: the last item, or the width, shows the difference.
    Leaves alone: lengths that are only compared with zero.
    """

    id = "idx.length"
    cwe = 131
    examples = (
        Example("if len(xs) == 0:\n    f()\n", after=(), why="asks whether it is empty"),
        Example("i = len(xs) - 1\n", after=("i = len(xs)\n",)),
        Example("n = len(xs)\n", after=("n = len(xs) - 1\n",)),
        Example("pad = w - len(s)\n", after=("pad = w - (len(s) - 1)\n",)),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for call in source.find(cst.Call):
            if source.text(call.func) != "len":
                continue
            around = source.parent(call)
            if isinstance(around, cst.Comparison | cst.ComparisonTarget):
                continue
            stepped = isinstance(around, cst.BinaryOperation) and around.left is call
            if stepped and isinstance(around, cst.BinaryOperation):
                if source.text(around.right) == "1":
                    yield source.replace(around, source.text(call))
            else:
                yield source.replace(call, f"{source.text(call)} - 1")
