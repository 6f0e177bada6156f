"""
`cond.unwrap-if` for Python.
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


class UnwrapIf(PythonMutator):
    """
    Do always what was to be done on a condition.

    Injects: an effect on inputs that it was not meant for.
    Fair because: a call that does not meet the condition now gets the effect as well.
    Leaves alone: an `if` with `else`, one around another `if`, and guards, without which the
        rest would never run.
    """

    id = "cond.unwrap-if"
    cwe = 754
    examples = (
        Example("if a:\n    f()\nelse:\n    g()\n", after=(), why="with else"),
        Example("def f(a):\n    if a:\n        return 1\n    g()\n", after=(), why="a guard"),
        Example("if a:\n    f()\n    g()\nh()\n", after=("f()\ng()\nh()\n",)),
        Example(
            "for x in xs:\n    if x > 0:\n        # Keep it.\n        ys.append(x)\n",
            after=("for x in xs:\n    # Keep it.\n    ys.append(x)\n",),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for branch in source.find(cst.If):
            is_plain = branch.orelse is None and not is_elif(source, branch)
            if not is_plain or leaves(branch.body) or source.strands(branch.test):
                continue
            if isinstance(branch.body.body[0], cst.If):  # which often asks for more of the same
                continue
            if source.stands_alone(branch) and (new := source.dedented(branch.body)):
                yield source.edit(*source.line_span(branch), new)
