"""
Mutator: a value that may be missing is unwrapped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    child,
    children,
    in_parentheses,
    is_formatting,
    method_name,
    receiver_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_WRAPPED = re.compile(r"(Some|Ok)\((\w+)\)")


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
            value = _unwrapped(node)
            if value is not None and not is_formatting(node):
                new = f"{in_parentheses(value)}.unwrap()"
                if node.type == "let_declaration":
                    name = text_of(children(child(node, "pattern"))[1])
                    new = f"let {name} = {new};"
                yield source.replace(node, new)


def _unwrapped(node: Node) -> Node | None:
    """
    What is left when the way out is gone, None where there is none.
    """
    if node.type == "try_expression":
        inner = node.named_children[0]
        return receiver_of(inner) if method_name(inner) in ("ok_or", "ok_or_else") else inner
    if node.type == "match_expression":
        return child(node, "value") if _only_unwraps(node) else None
    if node.type == "let_declaration":
        pattern = text_of(child(node, "pattern"))
        is_else = child(node, "alternative") is not None
        return child(node, "value") if is_else and _WRAPPED.fullmatch(pattern) else None
    has_default = method_name(node) in ("unwrap_or", "unwrap_or_else", "unwrap_or_default")
    return receiver_of(node) if has_default and "panic!" not in text_of(node) else None


def _only_unwraps(match: Node) -> bool:
    """
    Whether a `match` gives what `Some` or `Ok` holds, and else leaves or gives a default.
    """
    arms = children(child(match, "body"), "match_arm")
    if len(arms) != 2:
        return False
    values = {text_of(child(arm, "pattern")): text_of(child(arm, "value")) for arm in arms}
    held = [_WRAPPED.fullmatch(pattern) for pattern in values]
    return any(found and values[found[0]] == found[2] for found in held)
