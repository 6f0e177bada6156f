"""
Mutator: a value that may be missing is unwrapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._errors import unwrapped
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    child,
    children,
    in_parentheses,
    is_formatting,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class UnwrapResult(RustMutator):
    """
    Unwrap where a default was given, or where an error left the function.

    Injects: a panic on valid input, or on an error that the caller should have got.
    Fair because: a test of the missing value or of the error panics.
    Leaves alone: writes to a formatter, which do not fail.
    """

    id = "err.unwrap"
    cwe = 248
    examples = (
        Example("x.unwrap();\n", after=()),
        Example("match x { Some(y) => y + 1, None => 0 };\n", after=(), why="more than a default"),
        Example("x.get(0).unwrap_or(&1);\n", after=("x.get(0).unwrap();\n",)),
        Example("fn f() { let x = g(1)?; }\n", after=("fn f() { let x = g(1).unwrap(); }\n",)),
        Example("fn f() { x.ok_or(E)?; }\n", after=("fn f() { x.unwrap(); }\n",)),
        Example("match x { Some(y) => y, None => return 0, };\n", after=("x.unwrap();\n",)),
        Example("fn f() { let Some(y) = x else { return; }; }\n",
                after=("fn f() { let y = x.unwrap(); }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        kinds = ("call_expression", "try_expression", "match_expression", "let_declaration")
        for node in source.find(*kinds):
            value = unwrapped(node)
            if value is not None and not is_formatting(node):
                new = f"{in_parentheses(value)}.unwrap()"
                if node.type == "let_declaration":
                    name = text_of(children(child(node, "pattern"))[1])
                    new = f"let {name} = {new};"
                yield source.replace(node, new)
