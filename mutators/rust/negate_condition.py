"""
Mutator: a condition holds where it should not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    child,
    guard_exit,
    negated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node


class NegateCondition(RustMutator):
    """
    Negate the condition of an `if`, a `while`, a match guard or a closure that compares.

    Injects: a branch taken exactly when it should not be.
    Fair because: every test that reaches the condition takes the wrong branch.
    Leaves alone: `if let`; tests for errors, which `err.invert` turns round; and the ends of
    loops, which `loop.else-retry` has.
    """

    id = "cond.negate"
    cwe = 670
    examples = (
        Example("if let Some(y) = x {}\n", after=(), why="a pattern has no negation"),
        Example("if x.is_ok() {}\n", after=(), why="err.invert"),
        Example("loop { if done { break; } }\n", after=(), why="loop.else-retry"),
        Example("if a < b {}\n", after=("if a >= b {}\n",)),
        Example("if !done {}\n", after=("if done {}\n",)),
        Example("while a && b {}\n", after=("while !(a && b) {}\n",)),
        Example("match x { n if n == 1 => {} _ => {} }\n",
                after=("match x { n if n != 1 => {} _ => {} }\n",)),
        Example("v.iter().any(|x| x == y);\n", after=("v.iter().any(|x| x != y);\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        kinds = ("if_expression", "while_expression", "match_pattern", "closure_expression")
        for node in source.find(*kinds):
            condition = child(node, "condition") or _comparison(node)
            if condition is None or source.is_off_limits(condition.start_byte, condition.end_byte):
                continue
            if guard_exit(node, "break_expression"):
                continue  # loop.else-retry
            if opposite := negated(condition):
                yield source.replace(condition, opposite)


def _comparison(closure: Node) -> Node | None:
    body = child(closure, "body") if closure.type == "closure_expression" else None
    return body if body is not None and body.type == "binary_expression" else None
