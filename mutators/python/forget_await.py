"""
`async.await` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class ForgetAwait(PythonMutator):
    """
    Forget to await a coroutine.

    Injects: a coroutine in the place of its result, or work that is never done.
    Fair because: the result is not the value that the caller asked for, and the effect is missing.
    Leaves alone: coroutines that are returned as they are, since the caller awaits once more.
    """

    id = "async.await"
    cwe = 252
    examples = (
        Example("def f():\n    return g()\n", after=(), why="nothing to await"),
        Example("async def f():\n    x = await g()\n", after=("async def f():\n    x = g()\n",)),
        Example(
            "async def f():\n    await (a or b)\n    return (await g()).x\n",
            after=(
                "async def f():\n    (a or b)\n    return (await g()).x\n",
                "async def f():\n    await (a or b)\n    return (g()).x\n",
            ),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for waiting in source.find(cst.Await):
            start = source.span(waiting)[0]
            yield source.edit(start, source.outer_span(waiting.expression)[0], "")
