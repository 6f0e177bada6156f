"""
`err.wrong-kind` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._errors import SIBLINGS, builtin_base, unrelated
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class RaiseWrongKind(PythonMutator):
    """
    Raise another exception: a sibling, or the built-in one that the project's own stands for.

    Injects: an error that callers who catch the documented kind do not catch.
    Fair because: `except` and `raises` of the right kind let this one through.
    Leaves alone: NotImplementedError, whatever would leave an import unused, and classes that
        the file does not define.
    """

    id = "err.wrong-kind"
    cwe = 393
    examples = (
        Example("raise NotImplementedError\n", after=(), why="nobody catches it"),
        Example("from errors import Bad\n\nraise Bad(1)\n", after=(), why="its kin are unknown"),
        Example("raise ValueError('x')\n", after=("raise TypeError('x')\n",)),
        Example(
            "class Bad(ValueError): ...\n\n\nraise Bad('x')\n",
            after=("class Bad(ValueError): ...\n\n\nraise ValueError('x')\n",),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for leaving in source.find(cst.Raise):
            kind = leaving.exc.func if isinstance(leaving.exc, cst.Call) else leaving.exc
            if not isinstance(kind, cst.Name | cst.Attribute) or source.strands(kind):
                continue
            if other := _other(source, kind):
                yield source.replace(kind, other)


def _other(source: PythonSource, kind: cst.Name | cst.Attribute) -> str:
    name = source.text(kind)
    if name in ("NotImplementedError", "Exception", "BaseException", "AssertionError"):
        return ""
    base = builtin_base(source, name)
    return SIBLINGS.get(name) or unrelated(source, kind) or (base if base != name else "")
