"""
`var.same-type` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._donors import best_donor
from mutators.python._mutator import PythonMutator
from mutators.python._scopes import is_binding, is_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class UseOtherVariable(PythonMutator):
    """
    Use another variable of the same kind.

    Injects: the right operation on the wrong thing, as after copy and paste.
    Fair because: the two variables hold different values, except by chance.
    Leaves alone: names whose kind the text does not tell, the last use of a variable, and places
        where the other name would stand beside itself.
    """

    id = "var.same-type"
    cwe = 688
    examples = (
        Example("def f(a: int, b: str):\n    return a\n", after=(), why="different kinds"),
        Example("def f(a: int, b: int):\n    return a - b\n", after=(), why="beside itself"),
        Example(
            "def f(width: int, height: int):\n    check(width)\n    return height\n",
            after=(
                "def f(width: int, height: int):\n    check(height)\n    return height\n",
                "def f(width: int, height: int):\n    check(width)\n    return width\n",
            ),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for name in source.find(cst.Name):
            if not is_variable(source, name) or is_binding(source, name) or source.strands(name):
                continue
            if source.function(name) is not None and (donor := best_donor(source, name)):
                yield source.replace(name, donor)
