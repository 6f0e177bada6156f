"""
Mutator: a number is another one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_SITES = ("binary_expression", "arguments", "let_declaration", "assignment_expression",
          "match_arm", "block", "return_expression")  # fmt: skip
_NEUTRAL = ("<<", ">>", "&", "|", "^")


class ChangeConstant(RustMutator):
    """
    Use a number one higher, or a fraction a tenth higher.

    Injects: a constant that is slightly wrong.
    Fair because: the constant takes part in every result of its line.
    Leaves alone: indexes, defaults and bit masks; sizes of arrays, which are part of a type.
    """

    id = "num.const"
    cwe = 682
    examples = (
        Example("v[0];\n", after=(), why="idx.shift"),
        Example("x & 3;\n", after=(), why="a mask"),
        Example("let n = 0;\n", after=("let n = 1;\n",)),
        Example("x / 1.5;\n", after=("x / 1.6;\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for literal in source.find("integer_literal", "float_literal"):
            parent = literal.parent
            if parent is None or parent.type not in _SITES or _is_mask(parent):
                continue
            if new := _next(text_of(literal)):
                yield source.replace(literal, new)


def _next(text: str) -> str:
    """
    The next number with the same suffix; "" for hexadecimal and the like, and for large ones.
    """
    whole = re.fullmatch(r"(\d{1,2})(|_?[iu]\w+)", text)
    if whole:
        return f"{int(whole[1]) + 1}{whole[2]}"
    fraction = re.fullmatch(r"(\d+\.\d)(|_?f\d\d)", text)
    return f"{float(fraction[1]) + 0.1:.1f}{fraction[2]}" if fraction else ""


def _is_mask(parent: Node) -> bool:
    operator = parent.child_by_field_name("operator")
    return operator is not None and text_of(operator) in _NEUTRAL
