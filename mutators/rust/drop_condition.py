"""
Mutator: something is done always that should be done sometimes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    block_items,
    child,
    is_statement,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_EXITS = ("return_expression", "continue_expression", "break_expression")


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
            if not is_statement(condition) or block is None:
                continue
            if test is None or test.type in ("let_condition", "let_chain"):
                continue
            if child(condition, "alternative") is None and _can_stand_alone(block):
                yield source.replace(condition, _body(source, block))


def _can_stand_alone(block: Node) -> bool:
    items = block_items(block)
    if not items or any(item.type != "expression_statement" for item in items):
        return False
    last = items[-1].named_children[0]
    return last.type not in _EXITS and text_of(items[-1]).endswith((";", "}"))


def _body(source: RustSource, block: Node) -> str:
    """
    A block's inside, one level further left.
    """
    items = block_items(block)
    text = source.data[items[0].start_byte : items[-1].end_byte].decode()
    depth = items[0].start_point[1]
    outer = source.data.rfind(b"\n", 0, block.end_byte - 1) + 1
    step = depth - (block.end_byte - 1 - outer)
    return text.replace("\n" + " " * depth, "\n" + " " * (depth - step)) if step > 0 else text
