"""
`ret.value` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._results import other_results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class ReturnOther(PythonMutator):
    """
    Return something else: the opposite truth, nothing, the input as it came, one part swapped.

    Injects: a function that does its work and hands out the wrong thing.
    Fair because: whoever uses the result gets another value.
    Leaves alone: results whose form does not tell what else they could be.
    """

    id = "ret.value"
    cwe = 393
    examples = (
        Example("def f(x):\n    return g(x)\n", after=(), why="its form tells nothing"),
        Example("def f(x):\n    return True\n", after=("def f(x):\n    return False\n",)),
        Example("def f(a, b):\n    return a, b\n", after=("def f(a, b):\n    return b, a\n",)),
        Example("def f(x):\n    return not x\n", after=("def f(x):\n    return x\n",)),
        Example("def f(a, b):\n    return a == b\n", after=("def f(a, b):\n    return a != b\n",)),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for leaving in source.find(cst.Return):
            if leaving.value is not None:
                for new in other_results(source, leaving.value):
                    yield source.replace(leaving.value, new)
