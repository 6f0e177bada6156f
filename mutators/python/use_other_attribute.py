"""
`attr.same-type` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._attributes import other_attribute
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class UseOtherAttribute(PythonMutator):
    """
    Use another attribute of the same object, of the same kind.

    Injects: the neighbouring field: `start` for `end`, `width` for `height`.
    Fair because: two fields hold different values, except by chance.
    Leaves alone: methods, attributes whose kind the class does not tell, and assignments.
    """

    id = "attr.same-type"
    cwe = 688
    examples = (
        Example(
            "class P:\n    def __init__(self, n, s):\n        self.n = 1\n        self.s = 'a'\n\n"
            "    def f(self):\n        return self.n\n",
            after=(),
            why="different kinds",
        ),
        Example(
            "class P:\n    w: int\n    h: int\n\n    def f(self):\n        return self.w\n",
            after=(
                "class P:\n    w: int\n    h: int\n\n    def f(self):\n        return self.h\n",
            ),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for attribute in source.find(cst.Attribute):
            if other := other_attribute(source, attribute):
                yield source.replace(attribute.attr, other)
