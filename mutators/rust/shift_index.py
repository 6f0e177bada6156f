"""
Mutator: an index, a range or a count of items is off by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, arguments_of, child, method_name
from mutators.rust._ranges import is_past_array, shifted, shifts_in_range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit

_COUNTED = ("nth", "skip", "take", "get", "get_mut", "split_at", "splitn", "truncate", "remove",
            "swap_remove", "split_off", "insert", "nth_back", "split_at_mut")  # fmt: skip


class ShiftIndex(RustMutator):
    """
    Shift an index or the end of a range by one.

    Injects: an off-by-one: the wrong item, one item too many or too few.
    Fair because: a test of the result gets another item, or a panic.
    Leaves alone: indexes of maps, and ranges that are stored, whose type would change.
    """

    id = "idx.shift"
    cwe = 193
    examples = (
        Example("v[key];\n", after=(), why="may be a map"),
        Example("let r = 0..n;\n", after=(), why="stored: the type would change"),
        Example("v[i];\n", after=("v[i + 1];\n",)),
        Example("v[i - 1];\n", after=("v[i];\n",)),
        Example("x.iter().nth(0);\n", after=("x.iter().nth(1);\n",)),
        Example("for i in 0..n {}\n", after=("for i in 1..n {}\n", "for i in 0..=n {}\n")),
        Example("s[i..=end];\n", after=("s[i + 1..=end];\n", "s[i..end];\n")),
        Example("struct A([u8; 2]);\nimpl A { fn f(&self) { self.0[1] } }\n", after=(),
                why="the compiler sees it"),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("index_expression", "for_expression", "call_expression"):
            if node.type == "for_expression":
                yield from shifts_in_range(source, child(node, "value"))
            elif node.type == "index_expression":
                yield from shifts_in_range(source, node.named_children[-1])
                if not is_past_array(source, node):
                    yield from shifted(source, node.named_children[-1])
            elif method_name(node) in _COUNTED and arguments_of(node):
                yield from shifted(source, arguments_of(node)[0])
