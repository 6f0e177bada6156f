"""
Mutator: something is done always that should be done sometimes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, dedented, is_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class DropCondition(RustMutator):
    """
    Do what an `if` guards whether or not its condition holds.

    Injects: a missing `if` around statements.
    Fair because: the tests in which the condition does not hold see what was done.
    Leaves alone: `if let`, `else`, and branches that leave, behind which nothing would run.
    """

    id = "cond.unwrap-if"
    cwe = 754
    examples = (
        Example("fn f() { if c { g(); return; } h(); }\n", after=(), why="it leaves"),
        Example("fn f() { if let Some(x) = y { g(x); } }\n", after=(), why="a pattern"),
        Example("fn f() {\n    if c {\n        g();\n    }\n    h();\n}\n",
                after=("fn f() {\n    g();\n    h();\n}\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for condition in source.find("if_expression"):
            block, test = child(condition, "consequence"), child(condition, "condition")
            is_plain = test is not None and test.type not in ("let_condition", "let_chain")
            if not is_plain or block is None or child(condition, "alternative") is not None:
                continue
            if is_statement(condition) and (body := dedented(source, block)):
                yield source.replace(condition, body)
