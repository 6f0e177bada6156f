"""
`err.invert` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import conditions, is_error_check, negated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class InvertErrorCheck(PythonMutator):
    """
    Take success for failure: turn the check of an error, a status or a lookup's result around.

    Injects: an error path that runs when all went well, and a success path that runs on failure.
    Fair because: both paths do something else, so a test of either one notices.
    Leaves alone: conditions that ask nothing about success; those are `cond.negate`.
    """

    id = "err.invert"
    cwe = 253
    examples = (
        Example("if width > 3:\n    grow()\n", after=(), why="no error is asked for"),
        Example(
            "if error is not None:\n    stop()\n",
            after=("if error is None:\n    stop()\n",),
        ),
        Example("if not ok:\n    retry()\n", after=("if ok:\n    retry()\n",)),
        Example(
            "def f(s):\n    m = word.match(s)\n    return m.end() if m else 0\n",
            after=("def f(s):\n    m = word.match(s)\n    return m.end() if not m else 0\n",),
            why="a lookup that may find nothing",
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for condition in conditions(source):
            if is_error_check(source, condition.test):
                yield source.replace(condition.test, negated(source, condition.test))
