"""
Mutator: two steps are taken in the wrong order.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, block_items, child, receiver_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_STEPS = ("call_expression", "assignment_expression", "compound_assignment_expr", "try_expression")


class SwapStatements(RustMutator):
    """
    Swap two neighbouring statements that work on the same thing.

    Injects: a wrong order of steps.
    Fair because: the second step needs what the first did.
    Leaves alone: declarations, and steps of which none changes what the other needs.
    """

    id = "stmt.reorder"
    cwe = 696
    examples = (
        Example("fn f() { let x = 1; g(x); }\n", after=(), why="a declaration"),
        Example("fn f() { a.g(); b.h(); }\n", after=(), why="nothing in common"),
        Example("fn f() { a.g(1); x += a.h(); }\n", after=("fn f() { x += a.h(); a.g(1); }\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for block in source.find("block"):
            for first, second in pairwise(block_items(block)):
                if not (_is_step(first) and _is_step(second) and _share(first, second)):
                    continue
                if source.is_off_limits(first.start_byte, second.end_byte):
                    continue
                yield source.exchange(first, second)


def _is_step(item: Node) -> bool:
    return (
        item.type == "expression_statement"
        and item.named_children[0].type in _STEPS
        and text_of(item).endswith(";")
    )


def _share(first: Node, second: Node) -> bool:
    """
    Whether one changes what the other reads or changes; not if they do the same.
    """
    is_same = text_of(first) == text_of(second)
    return not is_same and (_names(_target(first), second) or _names(_target(second), first))


def _target(step: Node) -> str:
    """
    What a step changes: the left side of `=`, or what a method is called on.
    """
    inner = step.named_children[0]
    if inner.type == "try_expression":
        inner = inner.named_children[0]
    return text_of(child(inner, "left") or receiver_of(inner))


def _names(target: str, step: Node) -> bool:
    word = rf"(?<![\w.]){re.escape(target)}(?!\w)"
    return target != "" and re.search(word, text_of(step)) is not None
