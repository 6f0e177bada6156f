"""
`err.unwrap` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator
from mutators.python._scopes import called
from mutators.python._shapes import without_arg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

_STRICT = {"discard": "remove"}
_FALLBACK_AT = {"next": 1, "getattr": 2, "pop": 1}  # where the value for "nothing there" stands


class DropFallback(PythonMutator):
    """
    Take for granted that a value is there: drop the fallback of a lookup.

    Injects: a missing key, attribute or item that raises where it had a default.
    Fair because: an input without the value now ends in KeyError, StopIteration or the like.
    Leaves alone: lookups without a fallback, and `get` of what need not be a mapping.
    """

    id = "err.unwrap"
    cwe = 248
    examples = (
        Example("x = client.get(url)\n", after=(), why="not a mapping, for all we know"),
        Example("x = next(it)\n", after=(), why="no fallback"),
        Example("x = d.get(k, 0)\n", after=("x = d[k]\n",)),
        Example("x = d.pop(k, None)\n", after=("x = d.pop(k)\n",)),
        Example("x = getattr(o, 'n', None)\n", after=("x = getattr(o, 'n')\n",)),
        Example("seen.discard(x)\n", after=("seen.remove(x)\n",)),
        Example("def f(**kw):\n    g(kw.get('a'))\n", after=("def f(**kw):\n    g(kw['a'])\n",)),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for call in source.find(cst.Call):
            if any(arg.star for arg in call.args):
                continue
            name, is_method = called(call), isinstance(call.func, cst.Attribute)
            if name == "get" and isinstance(call.func, cst.Attribute) and _is_mapping(source, call):
                yield source.replace(
                    call, f"{_outer_text(source, call.func.value)}[{source.text(call.args[0])}]"
                )
            elif _FALLBACK_AT.get(name) == len(call.args) - 1 and is_method == (name == "pop"):
                yield source.edit(*without_arg(source, call, call.args[-1]), "")
            elif name in _STRICT and isinstance(call.func, cst.Attribute):
                yield source.replace(call.func.attr, _STRICT[name])


def _outer_text(source: PythonSource, node: cst.CSTNode) -> str:
    return source.decode(*source.outer_span(node))


def _is_mapping(source: PythonSource, call: cst.Call) -> bool:
    receiver = call.func.value if isinstance(call.func, cst.Attribute) else call.func
    if not call.args or any(arg.keyword for arg in call.args) or source.strands(*call.args[1:2]):
        return False
    name = source.text(receiver)
    known = source.scope(call).kinds(name) & {"dict"} or name.endswith(("kwargs", "kw", "environ"))
    return len(call.args) == 2 or bool(known)
