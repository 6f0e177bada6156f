"""
`ret.early-missing` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import is_elif, last_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class ForgetReturn(PythonMutator):
    """
    Forget the `return` at the end of a branch, so that control falls through.

    Injects: a branch that does its work, and then goes on as if it had not been taken.
    Fair because: whoever takes the branch gets the answer of the code below.
    Leaves alone: branches that only leave, which are guards (`cond.drop-guard`), and branches
        with nothing below.
    """

    id = "ret.early-missing"
    cwe = 670
    examples = (
        Example("def f(x):\n    if x:\n        return 1\n    return 2\n", after=(), why="a guard"),
        Example(
            "def f(x):\n    if x:\n        g()\n        return\n", after=(), why="nothing below"
        ),
        Example(
            "def f(x):\n    if x:\n        g()\n        return 1\n    return 2\n",
            after=("def f(x):\n    if x:\n        g()\n    return 2\n",),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for leaving in source.find(cst.Return, cst.Continue, cst.Break):
            line = source.parent(leaving)
            branch = source.parent(source.parent(line) or leaving) if line else None
            if line is None or not isinstance(branch, cst.If | cst.Else | cst.ExceptHandler):
                continue
            if last_statement(branch.body) is not leaving or not _goes_on(source, branch):
                continue
            if source.can_go(line) and not source.strands(line):
                yield source.delete(line)


def _goes_on(source: PythonSource, branch: cst.CSTNode) -> bool:
    """
    Whether a statement follows the whole `if` or `try` that a branch is of.
    """
    top = branch
    while is_elif(source, top) or isinstance(top, cst.Else | cst.ExceptHandler):
        top = source.parent(top) or top
    body, at = source.siblings(top)
    return bool(body) and at + 1 < len(body)
