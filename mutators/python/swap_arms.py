"""
`switch.arms` for Python.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Example
from mutators.python._mutator import PythonMutator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource


class SwapArms(PythonMutator):
    """
    Exchange what two branches do: of `if` and `else`, of two `elif`s, of two cases.

    Injects: each of two cases is treated as the other one.
    Fair because: an input of either case gets the other's result.
    Leaves alone: branches that do the same, and cases that bind names.
    """

    id = "switch.arms"
    cwe = 670
    examples = (
        Example("if a:\n    f()\n", after=(), why="one branch"),
        Example("x = f() if a else f()\n", after=(), why="the same twice"),
        Example(
            "if a:\n    f()\nelif b:\n    g()\n    h()\n",
            after=("if a:\n    g()\n    h()\nelif b:\n    f()\n",),
        ),
        Example("x = f() if a else g(1)\n", after=("x = g(1) if a else f()\n",)),
        Example(
            "match k:\n    case 1:\n        f()\n    case 2:\n        g()\n",
            after=("match k:\n    case 1:\n        g()\n    case 2:\n        f()\n",),
        ),
    )

    def edits(self, source: PythonSource) -> Iterator[Edit]:
        for node in source.find_any(cst.If, cst.IfExp, cst.Match):
            for one, two in _arms(source, node):
                texts = source.arm(one).strip(), source.arm(two).strip()
                if isinstance(one, cst.BaseSuite) and type(one) is not type(two):
                    continue
                if texts[0] != texts[1]:
                    yield source.swap(one, two)


def _arms(source: PythonSource, node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    match node:
        case cst.If(body=body, orelse=cst.If() | cst.Else() as other):
            yield body, other.body
        case cst.IfExp(body=value, orelse=instead):
            yield value, instead
        case cst.Match(cases=cases):
            plain = [item.body for item in cases if not source.binds(item.pattern)]
            yield from pairwise(plain)
