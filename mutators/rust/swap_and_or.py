"""
Mutator: a condition is joined by the wrong connective.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, operands, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node


class SwapAndOr(RustMutator):
    """
    Ask for either where both were asked for, or the other way round.

    Injects: a condition that is too loose or too strict.
    Fair because: a test in which one clause alone holds takes the wrong branch.
    Leaves alone: `if let` chains, which have no `||`.
    """

    id = "cond.and-or"
    cwe = 480
    examples = (
        Example("if let A = b && c {}\n", after=(), why="a pattern"),
        Example("a && b;\n", after=("a || b;\n",)),
        Example("a && b && c;\n", after=("a && b || c;\n", "(a || b) && c;\n")),
        Example("a || b || c;\n", after=("(a || b) && c;\n", "a && b || c;\n")),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for connective in source.find("binary_expression"):
            left, operator, right = operands(connective)
            if operator == "&&":
                new = f"{text_of(left)} || {text_of(right)}"
                yield source.replace(connective, f"({new})" if _is_clause(connective) else new)
            elif operator == "||":
                sides = [f"({text_of(s)})" if _is_or(s) else text_of(s) for s in (left, right)]
                yield source.replace(connective, " && ".join(sides))


def _is_or(node: Node) -> bool:
    return node.type == "binary_expression" and operands(node)[1] == "||"


def _is_clause(node: Node) -> bool:
    parent = node.parent
    return (
        parent is not None and parent.type == "binary_expression" and (operands(parent)[1] == "&&")
    )
