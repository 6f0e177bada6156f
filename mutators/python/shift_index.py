"""
`idx.shift` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._scopes import called
from mutators.python._shifts import shifted_bound, shifted_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class ShiftIndex(PythonMutator):
    """
    Be one off in an index, a slice or a range.

    Injects: the neighbour of the item that was meant, or one item more or fewer.
    Fair because: what comes out has another item or length.
    Leaves alone: keys of mappings, steps, and slices without bounds.
    """

    id = "idx.shift"
    cwe = 193
    examples = (
        Example("d['a'] = d[key][:]\n", after=(), why="keys, and a copy"),
        Example("a = xs[0]\n", after=("a = xs[1]\n",)),
        Example("a = xs[-1]\n", after=("a = xs[-2]\n",)),
        Example("a = xs[1:n]\n", after=("a = xs[2:n]\n", "a = xs[1:n - 1]\n")),
        Example("a = xs[:-1]\n", after=("a = xs[:-2]\n",)),
        Example("a = s[i + 1 :]\n", after=("a = s[i :]\n",)),
        Example(
            "for i in range(1, n):\n    use(xs[i])\n",
            after=(
                "for i in range(1, n):\n    use(xs[i - 1])\n",
                "for i in range(2, n):\n    use(xs[i])\n",
                "for i in range(1, n - 1):\n    use(xs[i])\n",
            ),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for element in source.find(cst.SubscriptElement):
            part = element.slice
            if isinstance(part, cst.Index):
                if new := shifted_index(source, part.value):
                    yield source.replace(part.value, new)
            elif isinstance(part, cst.Slice):
                for bound in (part.lower, part.upper):
                    if bound and (new := shifted_bound(source, bound, upper=bound is part.upper)):
                        yield source.replace(bound, new)
        for call in source.find(cst.Call):
            if called(call) == "range":
                for place, arg in enumerate(call.args[:2]):
                    upper = place == min(1, len(call.args) - 1)
                    if new := shifted_bound(source, arg.value, upper=upper):
                        yield source.replace(arg.value, new)
