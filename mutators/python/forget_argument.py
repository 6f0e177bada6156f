"""
`call.drop-arg` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._arguments import optional_arguments
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import without_arg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class ForgetArgument(PythonMutator):
    """
    Forget an argument that the called function has a default for.

    Injects: a call that silently works with the default.
    Fair because: the argument was there because the default is not what is wanted.
    Leaves alone: arguments that the function needs, and those equal to the default.
    """

    id = "call.drop-arg"
    cwe = 685
    examples = (
        Example("def f(a, b):\n    return a\n\n\nf(1, 2)\n", after=(), why="both are needed"),
        Example("def f(a, b=2):\n    return a\n\n\nf(1, 2)\n", after=(), why="the default anyway"),
        Example(
            "def f(a, b=2):\n    return a\n\n\nf(1, 3)\n",
            after=("def f(a, b=2):\n    return a\n\n\nf(1)\n",),
        ),
        Example("a = s.split(sep, 1)\n", after=("a = s.split(sep)\n",)),
        Example("x = dump(y, indent=2)\n", after=("x = dump(y)\n",)),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for call in source.find(cst.Call):
            for arg in optional_arguments(source, call):
                if not source.strands(arg):
                    yield source.edit(*without_arg(source, call, arg), "")
