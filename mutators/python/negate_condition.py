"""
`cond.negate` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import conditions, is_error_check, negated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class NegateCondition(PythonMutator):
    """
    Turn the condition of an `if`, a conditional expression or a filter into its opposite.

    Injects: code that runs exactly when it should not.
    Fair because: every call that meets the condition goes the other way.
    Leaves alone: checks of errors and lookups, which are `err.invert`; loops, which would hang.
    """

    id = "cond.negate"
    cwe = 670
    examples = (
        Example("while ready:\n    step()\n", after=(), why="a loop that never ends tells nothing"),
        Example("if err is None:\n    go()\n", after=(), why="an error check is err.invert"),
        Example("if a == b:\n    go()\n", after=("if a != b:\n    go()\n",)),
        Example(
            "if not ready:\n    wait()\nelif a or b:\n    go()\n",
            after=(
                "if ready:\n    wait()\nelif a or b:\n    go()\n",
                "if not ready:\n    wait()\nelif not (a or b):\n    go()\n",
            ),
        ),
        Example(
            "big = [x for x in xs if x in seen]\n",
            after=("big = [x for x in xs if x not in seen]\n",),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for condition in conditions(source):
            if not is_error_check(source, condition.test):
                yield source.replace(condition.test, negated(source, condition.test))
