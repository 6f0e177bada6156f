"""
`alias.copy` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._copies import is_kept, original
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class ShareInsteadOfCopy(PythonMutator):
    """
    Hand out, keep or change the very object where a copy was made.

    Injects: two owners of one list or dict: what one of them changes, the other sees.
    Fair because: after a change on one side, the other side is not what it was.
    Leaves alone: copies that nothing changes or keeps as far as the function tells.
    """

    id = "alias.copy"
    cwe = 471
    examples = (
        Example("def f(xs):\n    return len(list(xs))\n", after=(), why="used up at once"),
        Example(
            "def f(xs):\n    ys = xs.copy()\n    return ys[0]\n", after=(), why="never changed"
        ),
        Example(
            "def f(xs):\n    ys = list(xs)\n    ys.append(1)\n    return ys\n",
            after=("def f(xs):\n    ys = xs\n    ys.append(1)\n    return ys\n",),
        ),
        Example(
            "def f(self, d):\n    self.d = dict(d)\n",
            after=("def f(self, d):\n    self.d = d\n",),
        ),
        Example("from copy import deepcopy\nx = deepcopy(y)\n", after=(), why="an import unused"),
        Example(
            "import copy\n\n\ndef f(x):\n    y = copy.deepcopy(x)\n    y.a = 1\n    return y\n",
            after=(
                "import copy\n\n\ndef f(x):\n    y = copy.copy(x)\n    y.a = 1\n    return y\n",
            ),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for copy in source.find(cst.Call, cst.Subscript):
            if (new := original(source, copy)) and is_kept(source, copy):
                yield from source.unwrap(copy, new)
