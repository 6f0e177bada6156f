"""
Mutator: a loop goes on, or stops, for the wrong reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    child,
    guard_exit,
    loop_around,
    negated,
    operands,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node


class ChangeRetryCondition(RustMutator):
    """
    Turn round one reason for which a loop goes on or ends, or forget to reset its counter.

    Injects: a retry after success, none after failure, or a state that outlives its round.
    Fair because: the loop runs another number of times than the test expects.
    Leaves alone: a `while` of one clause (`cond.negate` has it), and loops over patterns.
    """

    id = "loop.else-retry"
    cwe = 670
    examples = (
        Example("while i < n { f(); }\n", after=(), why="cond.negate"),
        Example("if c { return; }\n", after=(), why="no loop"),
        Example("while i < n && !done { f(); }\n", after=("while i < n && done { f(); }\n",)),
        Example("loop { if f() { break; } }\n", after=("loop { if !f() { break; } }\n",)),
        Example("loop {\n    f(a.tries);\n    a.tries = 0;\n}\n",
                after=("loop {\n    f(a.tries);\n}\n",), why="the reset is forgotten"),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        kinds = ("while_expression", "if_expression", "assignment_expression")
        for node in source.find(*kinds):
            condition = child(node, "condition")
            if node.type == "assignment_expression":
                if _is_reset(node) and source.types.has_value(node):
                    yield source.delete_statement(node.parent or node)
            elif node.type == "while_expression":
                clause = _last_clause(condition)
                if clause is not None and negated(clause):
                    yield source.replace(clause, negated(clause))
            elif guard_exit(node, "break_expression") and condition and negated(condition):
                yield source.replace(condition, negated(condition))


def _last_clause(condition: Node | None) -> Node | None:
    if condition is None or condition.type != "binary_expression":
        return None
    _, operator, right = operands(condition)
    return right if operator in ("&&", "||") else None


def _is_reset(assignment: Node) -> bool:
    if assignment.parent is None or assignment.parent.type != "expression_statement":
        return False
    value = text_of(child(assignment, "right"))
    return value in ("0", "false", "true", "None") and loop_around(assignment) is not None
