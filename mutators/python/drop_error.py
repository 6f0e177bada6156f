"""
`err.dropped` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._shapes import gives_values, is_generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class DropError(PythonMutator):
    """
    Swallow an error: leave quietly where the code raises.

    Injects: a failure that nobody hears of; the caller goes on with nothing.
    Fair because: a test that expects the exception gets a plain return.
    Leaves alone: `raise` outside of functions, NotImplementedError, and what would leave an
        import or variable unused.
    """

    id = "err.dropped"
    cwe = 390
    examples = (
        Example("raise SystemExit(1)\n", after=(), why="not in a function"),
        Example("def f():\n    raise NotImplementedError\n", after=(), why="all of its function"),
        Example(
            "def f(x):\n    if x < 0:\n        raise ValueError('negative')\n    return x\n",
            after=("def f(x):\n    if x < 0:\n        return None\n    return x\n",),
        ),
        Example(
            "def f():\n    try:\n        g()\n    except OSError as e:\n        raise B() from e\n",
            after=("def f():\n    try:\n        g()\n    except OSError:\n        return\n",),
            why="a name that nothing reads goes along",
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for leaving in source.find(cst.Raise):
            function = source.function(leaving)
            line = source.parent(leaving)
            if function is None or line is None or source.parent(line) is function.body:
                continue
            if "NotImplementedError" in source.text(leaving):
                continue
            values = gives_values(source, function) and not is_generator(source, function)
            yield from _swallowed(source, leaving, "return None" if values else "return")


def _swallowed(source: PythonSource, leaving: cst.Raise, new: str) -> Iterator[Edit]:
    handler = source.enclosing(leaving, cst.ExceptHandler, cst.FunctionDef)
    if not source.strands(leaving):
        yield source.replace(leaving, new)
    elif isinstance(handler, cst.ExceptHandler) and handler.name and handler.type:
        name = handler.name.name
        if isinstance(name, cst.Name) and not source.strands(leaving, beside=name.value):
            end = source.outer_span(handler.type)[1]
            kept = source.decode(source.span(handler.name)[1], source.span(leaving)[0])
            yield source.edit(end, source.span(leaving)[1], kept + new)
