"""
Mutator: a function goes on after it has its result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._donors import moves_what_follows
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    block_items,
    child,
    guard_exit,
    is_statement,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node


class DropEarlyReturn(RustMutator):
    """
    Delete a `return` or `continue` that ends a branch, and go on with the code behind it.

    Injects: a missing early return: the general code runs as well.
    Fair because: the general code spoils the result of the special case.
    Leaves alone: a branch that does nothing else (`cond.drop-guard`), and `else`.
    """

    id = "ret.early-missing"
    cwe = 393
    examples = (
        Example("fn f() { if c { return 1; } 2 }\n", after=(), why="cond.drop-guard"),
        Example("fn f() { if c { g(); return 1; } else { 2 } }\n", after=(), why="a value"),
        Example("fn f() {\n    if c {\n        g();\n        return;\n    }\n    h();\n}\n",
                after=("fn f() {\n    if c {\n        g();\n    }\n    h();\n}\n",)),
        Example("fn f() { if let Some(x) = y { return x; } 2 }\n", after=(), why="cond.drop-guard"),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for condition in source.find("if_expression"):
            leaving = _last(condition)
            if leaving is None or guard_exit(condition) is not None:
                continue
            if not moves_what_follows(source, condition):
                edit = source.delete_statement(leaving)
                if not source.is_off_limits(edit.start, edit.end):
                    yield edit


def _last(condition: Node) -> Node | None:
    """
    The statement that leaves, at the end of an `if` that stands for itself.
    """
    if not is_statement(condition) or child(condition, "alternative") is not None:
        return None
    items = block_items(child(condition, "consequence"))
    if not items or items[-1].type != "expression_statement":
        return None
    exits = ("return_expression", "continue_expression")
    return items[-1] if items[-1].named_children[0].type in exits else None
