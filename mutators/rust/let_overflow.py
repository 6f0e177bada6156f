"""
Mutator: arithmetic at the limits of a type is not looked after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    arguments_of,
    in_parentheses,
    method_name,
    method_node,
    receiver_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class LetOverflow(RustMutator):
    """
    Wrap round where a calculation stopped at the limit, or told of it.

    Injects: an overflow: a small result turns huge.
    Fair because: a test at zero or at the maximum sees a number far off.
    Leaves alone: plain operators, which panic in tests.
    """

    id = "num.overflow"
    cwe = 190
    examples = (
        Example("a.wrapping_add(b);\n", after=()),
        Example("a.saturating_sub(b);\n", after=("a.wrapping_sub(b);\n",)),
        Example("a.checked_add(b);\n", after=("Some(a.wrapping_add(b));\n",)),
        Example("a.abs_diff(b);\n", after=("a.wrapping_sub(b);\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for call in source.find("call_expression"):
            name, receiver = method_node(call), receiver_of(call)
            if name is None or receiver is None or len(arguments_of(call)) != 1:
                continue
            kind, _, operation = method_name(call).partition("_")
            if method_name(call) == "abs_diff":
                yield source.replace(name, "wrapping_sub")
            elif operation in ("add", "sub", "mul", "pow") and kind == "saturating":
                yield source.replace(name, f"wrapping_{operation}")
            elif operation in ("add", "sub", "mul", "pow") and kind == "checked":
                arguments = text_of(arguments_of(call)[0])
                wrapped = f"{in_parentheses(receiver)}.wrapping_{operation}({arguments})"
                yield source.replace(call, f"Some({wrapped})")
