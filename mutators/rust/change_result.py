"""
Mutator: a function gives a wrong result.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    arguments_of,
    child,
    is_function_result,
    result_type,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_FLIPPED = {"true": "false", "false": "true"}


class ChangeResult(RustMutator):
    """
    Return the opposite truth, or nothing instead of something.

    Injects: a wrong result of one branch.
    Fair because: every test of the branch sees its result.
    Leaves alone: results of closures, and values that are used on.
    """

    id = "ret.value"
    cwe = 393
    examples = (
        Example("fn f() -> bool { g(true) }\n", after=(), why="an argument"),
        Example("fn f() -> bool { if c { return true; } g() }\n",
                after=("fn f() -> bool { if c { return false; } g() }\n",)),
        Example("fn f() -> Option<u8> { Some(1) }\n", after=("fn f() -> Option<u8> { None }\n",)),
        Example("fn f() -> Result<bool, E> { Ok(true) }\n",
                after=("fn f() -> Result<bool, E> { Ok(false) }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("boolean_literal", "call_expression"):
            if new := _changed(node):
                yield source.replace(node, new)


def _changed(node: Node) -> str:
    if not is_function_result(node):
        return ""
    if node.type == "boolean_literal":
        return _FLIPPED[text_of(node)]
    name, arguments = text_of(child(node, "function")), arguments_of(node)
    if len(arguments) != 1:
        return ""
    if name == "Some" and re.match(r"Option\b", result_type(node)):
        return "None"
    if name in ("Ok", "Some") and text_of(arguments[0]) in _FLIPPED:
        return f"{name}({_FLIPPED[text_of(arguments[0])]})"
    if name == "Ok" and re.match(r"Ok\(Some\(", text_of(node)):
        return "Ok(None)"
    return ""
