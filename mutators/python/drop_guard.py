"""
`cond.drop-guard` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import is_elif, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class DropGuard(PythonMutator):
    """
    Forget a guard: an `if` whose block leaves by return, raise, continue or break.

    Injects: an input that was turned away, or answered at once, goes on to the code below.
    Fair because: a call that the guard was for now ends otherwise.
    Leaves alone: an `if` with `else`, and one that is all of its block.
    """

    id = "cond.drop-guard"
    cwe = 754
    examples = (
        Example("for x in xs:\n    if x:\n        break\n", after=(), why="nothing else there"),
        Example(
            "def f(x):\n    if x:\n        return 1\n    else:\n        return 2\n    g()\n",
            after=(),
            why="two ways, no guard",
        ),
        Example(
            "def f(x):\n    # Nothing to do.\n    if not x:\n        return 0\n\n    return g(x)\n",
            after=("def f(x):\n    return g(x)\n",),
            why="its comment goes along",
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for guard in source.find(cst.If):
            if guard.orelse is not None or is_elif(source, guard) or not leaves(guard.body):
                continue
            if source.can_go(guard) and not source.strands(guard):
                yield source.delete(guard)
