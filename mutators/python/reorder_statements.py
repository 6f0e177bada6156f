"""
`stmt.reorder` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._order import depend, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class ReorderStatements(PythonMutator):
    """
    Do two things in the wrong order: exchange neighbours of which one needs the other.

    Injects: a value that is read before it is brought up to date.
    Fair because: the second statement works on what the first one had not done yet.
    Leaves alone: neighbours that do not touch the same thing, and names not yet bound.
    """

    id = "stmt.reorder"
    cwe = 696
    examples = (
        Example("a = 1\nb = 2\n", after=(), why="they do not touch each other"),
        Example("def f():\n    a = 1\n    b = a\n    return b\n", after=(), why="a not yet bound"),
        Example(
            "def f(xs, n):\n    n += 1\n    xs.append(n)\n    return xs\n",
            after=("def f(xs, n):\n    xs.append(n)\n    n += 1\n    return xs\n",),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for line in source.find(cst.SimpleStatementLine):
            body, at = source.siblings(line)
            after = body[at + 1] if 0 <= at < len(body) - 1 else None
            if not isinstance(after, cst.SimpleStatementLine) or after in source.index.arid:
                continue
            if is_plain(source, line) and is_plain(source, after) and depend(source, line, after):
                yield source.swap(line, after)
