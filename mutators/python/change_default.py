"""
`cfg.default` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._patterns import other_pattern
from mutators.python._settings import other_setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class ChangeDefault(PythonMutator):
    """
    Ship another default: of a parameter, a flag, a setting, or a pattern.

    Injects: a call that says nothing about the option behaves differently.
    Fair because: a test that relies on the default, or on the pattern, sees another result.
    Leaves alone: defaults of None, empty texts, and settings that are not literals.
    """

    id = "cfg.default"
    cwe = 1188
    examples = (
        Example("def f(x=None, y=''):\n    return x\n", after=(), why="nothing to change it to"),
        Example("total = 3\n", after=(), why="no setting, by its name"),
        Example(
            "def f(x, strict=True, size=12):\n    return x\n",
            after=(
                "def f(x, strict=False, size=12):\n    return x\n",
                "def f(x, strict=True, size=11):\n    return x\n",
            ),
        ),
        Example("MAX_DEPTH = 8\n", after=("MAX_DEPTH = 7\n",)),
        Example("d = load(s, exact=True)\n", after=("d = load(s, exact=False)\n",)),
        Example(
            "import re\nR = re.compile(r'^a+$')\n", after=("import re\nR = re.compile(r'^a$')\n",)
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for literal in source.find_any(cst.Name, cst.Integer, cst.SimpleString):
            if new := other_setting(source, literal) or other_pattern(source, literal):
                yield source.replace(literal, new)
