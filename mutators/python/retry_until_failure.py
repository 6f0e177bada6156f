"""
`loop.else-retry` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import negated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


_LOOPS = cst.For | cst.While


class RetryUntilFailure(PythonMutator):
    """
    Get the end of a retry or a search wrong: go on after success, or give up too soon.

    Injects: a loop that stops at failure, or does not stop at the hit, or tries once too few.
    Fair because: what the loop leaves behind, or how often it tried, is another.
    Leaves alone: loops that neither try anything nor have an `else`.
    """

    id = "loop.else-retry"
    cwe = 670
    examples = (
        Example("for x in xs:\n    if x:\n        break\n", after=(), why="no else, no try"),
        Example(
            "while tries < 5 and not ok:\n    ok = send()\n",
            after=("while tries < 5 and ok:\n    ok = send()\n",),
        ),
        Example(
            "for x in xs:\n    if x == y:\n        break\nelse:\n    add(y)\n",
            after=("for x in xs:\n    if x == y:\n        continue\nelse:\n    add(y)\n",),
            why="the else runs although it was found",
        ),
        Example(
            "for n in range(k):\n    try:\n        return f()\n    except Bad:\n        wait()\n",
            after=(
                "for n in range(k - 1):\n    try:\n        return f()\n"
                "    except Bad:\n        wait()\n",
            ),
            why="one attempt too few",
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for asking in source.find(cst.While):
            if isinstance(asking.test, cst.BooleanOperation):
                for side in (asking.test.left, asking.test.right):
                    if isinstance(side, cst.UnaryOperation) and isinstance(side.operator, cst.Not):
                        yield source.replace(side, negated(source, side))
        for leaving in source.find(cst.Break):
            loops = (item for item in source.ancestors(leaving) if isinstance(item, _LOOPS))
            around = next(loops, None)
            if around is not None and around.orelse is not None:
                yield source.replace(leaving, "continue")
        for loop in source.find(cst.For):
            yield from _fewer_attempts(source, loop)


def _fewer_attempts(source: PythonSource, loop: cst.For) -> Iterator[Edit]:
    tries = isinstance(loop.body.body[0], cst.Try) if loop.body.body else False
    if tries and source.text(loop.iter).startswith("range(") and isinstance(loop.iter, cst.Call):
        last = loop.iter.args[-1].value
        yield source.replace(last, f"{source.text(last)} - 1")
