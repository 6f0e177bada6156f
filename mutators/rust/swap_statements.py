"""
Mutator: two steps are taken in the wrong order.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, block_items, text_of

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
    Leaves alone: declarations, and steps that have no name in common.
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
                between = source.data[first.end_byte : second.start_byte].decode()
                swapped = f"{text_of(second)}{between}{text_of(first)}"
                yield source.replace_span(first.start_byte, second.end_byte, swapped)


def _is_step(item: Node) -> bool:
    return (
        item.type == "expression_statement"
        and item.named_children[0].type in _STEPS
        and text_of(item).endswith(";")
    )


def _share(first: Node, second: Node) -> bool:
    """
    Whether both name the same variable or field, and are not the same call (`push` twice is fine).
    """
    names = [set(re.findall(r"\b(?!self\b|mut\b)[a-z_]\w*\b(?!\()", text_of(item)))
             for item in (first, second)]  # fmt: skip
    return bool(names[0] & names[1]) and text_of(first) != text_of(second)
