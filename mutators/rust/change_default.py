"""
Mutator: a setting has another default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    child,
    enclosing_function,
    method_name,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_FLIPPED = {"true": "false", "false": "true"}
_MAKERS = ("new", "default", "from", "build", "builder", "init")


class ChangeDefault(RustMutator):
    """
    Start a setting at another value: in a constructor, in `Default`, or behind `unwrap_or`.

    Injects: a default that nobody asked for.
    Fair because: tests use defaults wherever they do not set a value.
    Leaves alone: fields that get a variable.
    """

    id = "cfg.default"
    cwe = 1188
    examples = (
        Example("fn f() { A { x: 1 } }\n", after=(), why="no constructor"),
        Example("fn new(x: u8) -> A { A { x: x } }\n", after=(), why="not a default"),
        Example("fn new() -> A { A { x: 0, y: true } }\n",
                after=("fn new() -> A { A { x: 1, y: true } }\n",
                       "fn new() -> A { A { x: 0, y: false } }\n")),
        Example("x.unwrap_or(0);\n", after=("x.unwrap_or(1);\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for literal in source.find("integer_literal", "boolean_literal"):
            if _is_default(literal) and (new := _other(text_of(literal))):
                yield source.replace(literal, new)


def _other(text: str) -> str:
    if text in _FLIPPED:
        return _FLIPPED[text]
    return str(int(text) + 1) if text.isdigit() else ""


def _is_default(literal: Node) -> bool:
    parent = literal.parent
    if parent is None:
        return False
    if parent.type == "field_initializer":
        name = text_of(child(enclosing_function(literal), "name"))
        return name.startswith(("with_", "from_", "new_")) or name in _MAKERS
    call = parent.parent
    return parent.type == "arguments" and call is not None and method_name(call) == "unwrap_or"
