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
    in_parentheses,
    method_name,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_ERROR_TESTS = ("is_ok", "is_err", "is_some", "is_none")


class NegateCondition(RustMutator):
    """
    Negate the condition of an `if`, a `while` or a match guard.

    Injects: a branch taken exactly when it should not be.
    Fair because: every test that reaches the condition takes the wrong branch.
    Leaves alone: `if let`, and tests for errors, which `err.invert` turns round.
    """

    id = "cond.negate"
    cwe = 670
    examples = (
        Example("if let Some(y) = x {}\n", after=(), why="a pattern has no negation"),
        Example("if x.is_ok() {}\n", after=(), why="err.invert"),
        Example("if a < b {}\n", after=("if a >= b {}\n",)),
        Example("if !done {}\n", after=("if done {}\n",)),
        Example("while a && b {}\n", after=("while !(a && b) {}\n",)),
        Example("match x { n if n == 1 => {} _ => {} }\n",
                after=("match x { n if n != 1 => {} _ => {} }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("if_expression", "while_expression", "match_pattern"):
            condition = child(node, "condition")
            if condition is None or source.is_off_limits(condition.start_byte, condition.end_byte):
                continue
            if negated := _negated(condition):
                yield source.replace(condition, negated)


def _negated(condition: Node) -> str:
    """
    The opposite, "" where there is none or another mutator has it.
    """
    operator = child(condition, "operator")
    if condition.type in ("let_condition", "let_chain"):
        return ""
    if condition.type == "unary_expression" and text_of(condition).startswith("!"):
        inner = condition.named_children[-1]
        return "" if method_name(inner) in _ERROR_TESTS else text_of(inner)
    if condition.type == "binary_expression" and text_of(operator) in _NEGATED:
        left, right = text_of(child(condition, "left")), text_of(child(condition, "right"))
        if "None" in (left, right):
            return ""
        return f"{left} {_NEGATED[text_of(operator)]} {right}"
    if method_name(condition) in _ERROR_TESTS:
        return ""
    return "!" + in_parentheses(condition)
