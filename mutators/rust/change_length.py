"""
Mutator: a length is off by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    arguments_of,
    method_name,
    operands,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node


class ChangeLength(RustMutator):
    """
    Take one off a length, or forget the one that was taken off or added.

    Injects: the last item is missed, or one beyond it is asked for.
    Fair because: a test of the last item, or of an exact length, sees it.
    Leaves alone: comparisons with zero, which tell only empty from not empty.
    """

    id = "idx.length"
    cwe = 131
    examples = (
        Example("if v.len() > 0 {}\n", after=(), why="only empty or not"),
        Example("f(v.len());\n", after=("f(v.len() - 1);\n",)),
        Example("v[v.len() - 1];\n", after=("v[v.len()];\n",)),
        Example("x * v.len();\n", after=("x * (v.len() - 1);\n",)),
        Example("s.chars().count() + 1;\n", after=("s.chars().count();\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for call in source.find("call_expression"):
            if method_name(call) not in ("len", "count") or arguments_of(call):
                continue
            parent = call.parent
            if parent is not None and parent.type == "binary_expression":
                left, operator, right = operands(parent)
                if _is_zero(left) or _is_zero(right):
                    continue
                if operator in "+-" and left == call and text_of(right) == "1":
                    yield source.replace(parent, text_of(call))
                    continue
            yield source.replace_loosely(call, f"{text_of(call)} - 1")


def _is_zero(node: Node) -> bool:
    return text_of(node) == "0"
