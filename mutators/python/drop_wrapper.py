"""
`call.drop-wrap` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

_WRAPPERS = frozenset(
    ("str", "int", "float", "abs", "sorted", "reversed", "round", "set", "frozenset", "bool",
     "list", "tuple", "bytes", "repr", "Decimal", "Path", "deepcopy", "escape", "unquote", "quote")
)  # fmt: skip
_METHODS = frozenset(
    ("strip", "lstrip", "rstrip", "lower", "upper", "casefold", "title", "capitalize", "replace",
     "removeprefix", "removesuffix", "zfill", "ljust", "rjust", "expandtabs", "encode", "decode",
     "resolve", "absolute", "normalize", "swapcase", "items", "total_seconds")
)  # fmt: skip
_ITERATES = (cst.For, cst.CompFor, cst.StarredElement)


class DropWrapper(PythonMutator):
    """
    Forget to normalise: use the raw value where the converted, trimmed or sorted one was meant.

    Injects: a value of another form: untrimmed, in the wrong case, unsorted, unconverted.
    Fair because: an input that is not yet in the right form now comes out differently.
    Leaves alone: copies, which are `alias.copy`, and sequences that are only iterated over.
    """

    id = "call.drop-wrap"
    cwe = 178
    examples = (
        Example("for x in list(xs):\n    f(x)\n", after=(), why="only iterated over"),
        Example("n = parse(text)\n", after=(), why="no mere change of form"),
        Example(
            "key = name.strip().lower()\n", after=("key = name.strip()\n", "key = name.lower()\n")
        ),
        Example("n = int(text) + 1\n", after=("n = text + 1\n",)),
        Example(
            "def f(s):\n    s = s.strip()\n    return g(s)\n",
            after=("def f(s):\n    return g(s)\n",),
            why="nothing is left of it",
        ),
        Example("f(sorted(a | b))\n", after=("f(a | b)\n",)),
        Example("return_ = abs(a - b) * 2\n", after=("return_ = (a - b) * 2\n",)),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for call in source.find(cst.Call):
            func = call.func
            if isinstance(func, cst.Attribute) and func.attr.value in _METHODS:
                if not source.strands(*call.args):
                    inner = source.decode(*source.outer_span(func.value))
                    yield from source.unwrap(call, inner)
            elif isinstance(func, cst.Name) and func.value in _WRAPPERS and _is_plain(source, call):
                yield from source.unwrap(call, source.text(call.args[0].value))


def _is_plain(source: PythonSource, call: cst.Call) -> bool:
    if not call.args or call.args[0].keyword or call.args[0].star or len(call.args) > 1:
        return False
    value = call.args[0].value
    if isinstance(value, cst.GeneratorExp) or source.strands(call.func):
        return False
    name = source.text(call.func)
    if name in ("set", "frozenset", "tuple", "list") and source.function(call) is None:
        return False  # a constant, which is mostly only searched
    is_order = name in ("sorted", "reversed")
    return is_order or not isinstance(source.parent(call), _ITERATES)
