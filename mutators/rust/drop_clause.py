"""
Mutator: a condition lacks one of its clauses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, is_in_eq, operands, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class DropClause(RustMutator):
    """
    Drop one side of `&&` or `||`.

    Injects: a missing clause; the condition is too loose or too strict.
    Fair because: a test in which only that clause decides takes the wrong branch.
    Leaves alone: `if let` chains, and the field comparisons of `eq`, which `key.compare` drops.
    """

    id = "cond.drop-clause"
    cwe = 1023
    examples = (
        Example("if let Some(x) = y && a {}\n", after=(), why="a clause may bind names"),
        Example("fn eq(&self, o: &A) -> bool { self.a == o.a && self.b == o.b }\n", after=(),
                why="key.compare"),
        Example("if a && b {}\n", after=("if a {}\n", "if b {}\n")),
        Example("a && (b || c);\n", after=("a;\n", "(b || c);\n", "a && (b);\n", "a && (c);\n")),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for connective in source.find("binary_expression"):
            left, operator, right = operands(connective)
            if operator not in ("&&", "||") or is_in_eq(connective):
                continue
            # The left side of a chain is a chain itself; its own clauses are dropped one by one.
            is_chain = left.type == "binary_expression" and operands(left)[1] == operator
            yield source.replace(connective, text_of(left))
            if not is_chain:
                yield source.replace(connective, text_of(right))
