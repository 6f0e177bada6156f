"""
`call.sibling` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._siblings import sibling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class CallSibling(PythonMutator):
    """
    Call the function beside the one that was meant.

    Injects: the other end, the other extreme, the other quantifier; a neighbour with the same
        parameters.
    Fair because: the two give different results for almost every input.
    Leaves alone: calls whose sibling would do the same here, such as `split()` without a limit.
    """

    id = "call.sibling"
    cwe = 628
    examples = (
        Example("a, b = s.split(',')\n", after=(), why="without a limit both are the same"),
        Example("if s.startswith('a'):\n    f()\n", after=("if s.endswith('a'):\n    f()\n",)),
        Example("a = s.split(',', 1)\n", after=("a = s.rsplit(',', 1)\n",)),
        Example("n = min(a, b)\n", after=("n = max(a, b)\n",)),
        Example(
            "def up(x, n): ...\n\n\ndef down(x, n): ...\n\n\nup(1, 2)\n",
            after=("def up(x, n): ...\n\n\ndef down(x, n): ...\n\n\ndown(1, 2)\n",),
            why="the same parameters",
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for call in source.find(cst.Call):
            func = call.func
            name = func.attr if isinstance(func, cst.Attribute) else func
            if isinstance(name, cst.Name) and (new := sibling(source, call)):
                yield source.replace(name, new)
