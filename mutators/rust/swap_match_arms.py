"""
Mutator: two cases do each other's work.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, children, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node


class SwapMatchArms(RustMutator):
    """
    Exchange what two neighbouring arms of a `match` give.

    Injects: two cases that are mixed up.
    Fair because: both cases behave wrongly.
    Leaves alone: arms that use what their patterns bind, and arms that do the same.
    """

    id = "switch.arms"
    cwe = 484
    examples = (
        Example("match x { A(n) => f(n), B => g(), }\n", after=(), why="n is bound"),
        Example("match x { A => 1, B => 1, }\n", after=(), why="the same"),
        Example("match x { A => 1, B => f(y), }\n", after=("match x { A => f(y), B => 1, }\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit | tuple[Edit, ...]]:
        for block in source.find("match_block"):
            for first, second in pairwise(children(block, "match_arm")):
                if edit := _exchanged(source, first, second):
                    yield edit


def _exchanged(source: RustSource, first: Node, second: Node) -> Edit | None:
    left, right = child(first, "value"), child(second, "value")
    if left is None or right is None or text_of(left) == text_of(right):
        return None
    if source.is_off_limits(first.start_byte, second.end_byte) or _needs(first) or _needs(second):
        return None
    if (left.type == "block") != (right.type == "block"):
        return None  # commas would be missing or too many
    return source.exchange(left, right)


def _needs(arm: Node) -> bool:
    """
    Whether an arm uses a name that its pattern binds.
    """
    bound = re.findall(r"\b[a-z_]\w*\b(?!\s*(?:::|\())", text_of(child(arm, "pattern")))
    used = set(re.findall(r"\w+", text_of(child(arm, "value"))))
    return bool(used & set(bound) - {"_", "ref", "mut", "if"})
