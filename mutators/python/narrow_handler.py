"""
`err.clause-width` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._errors import SIBLINGS, unrelated
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class NarrowHandler(PythonMutator):
    """
    Catch another exception than the one that comes, or one kind fewer.

    Injects: an error that was handled here and now escapes to the caller.
    Fair because: an input that raises inside the `try` ends in an exception, not in an answer.
    Leaves alone: a bare `except`, fallbacks for imports, and classes that are known nowhere.
    """

    id = "err.clause-width"
    cwe = 755
    examples = (
        Example("try:\n    import a\nexcept ImportError:\n    a = None\n", after=()),
        Example("try:\n    f()\nexcept:\n    g()\n", after=(), why="catches all"),
        Example(
            "try:\n    f()\nexcept KeyError:\n    g()\n",
            after=("try:\n    f()\nexcept IndexError:\n    g()\n",),
        ),
        Example(
            "try:\n    f()\nexcept (OSError, ValueError) as e:\n    g(e)\n",
            after=(
                "try:\n    f()\nexcept ValueError as e:\n    g(e)\n",
                "try:\n    f()\nexcept OSError as e:\n    g(e)\n",
            ),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for handler in source.find(cst.ExceptHandler):
            caught = handler.type
            if isinstance(caught, cst.Tuple):
                yield from _one_fewer(source, caught)
            elif isinstance(caught, cst.Name | cst.Attribute) and not source.strands(caught):
                other = SIBLINGS.get(source.text(caught)) or unrelated(source, caught)
                if other:
                    yield source.replace(caught, other)


def _one_fewer(source: PythonSource, caught: cst.Tuple) -> Iterator[Edit]:
    for gone in caught.elements:
        rest = [source.text(item.value) for item in caught.elements if item is not gone]
        if rest and not source.strands(gone):
            new = rest[0] if len(rest) == 1 else f"({', '.join(rest)})"
            yield source.edit(*source.outer_span(caught), new)
