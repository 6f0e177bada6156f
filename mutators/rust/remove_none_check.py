"""
Mutator: a missing value is not looked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, dedented, in_parentheses, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_WRAPPED = re.compile(r"(?:Some|Ok)\((&?\(?[\w, ]+\)?)\)")


class RemoveNoneCheck(RustMutator):
    """
    Take for granted that there is a value, where `if let` asked whether there is one.

    Injects: a panic where the value is missing.
    Fair because: a test without the value panics, where nothing was to be done.
    Leaves alone: `else`, branches that leave, values that are borrowed, names that are used below.
    """

    id = "null.check-removed"
    cwe = 476
    examples = (
        Example("fn f() { if let Some(x) = y() { g(x); } else { h(); } }\n", after=()),
        Example("fn f() { if let Some(x) = &y { g(x); } }\n", after=(), why="borrowed"),
        Example("fn f(x: u8) { if let Some(x) = y() { g(x); } h(x) }\n", after=()),
        Example("fn f() {\n    if let Some(x) = y(1) {\n        g(x);\n    }\n    h()\n}\n",
                after=("fn f() {\n    let x = y(1).unwrap();\n    g(x);\n    h()\n}\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for test in source.find("let_condition"):
            pattern = _WRAPPED.fullmatch(text_of(child(test, "pattern")))
            value, condition = child(test, "value"), test.parent
            if pattern is None or value is None or value.type != "call_expression":
                continue
            body = _body(source, condition, pattern[1])
            if condition is not None and body:
                indent = " " * condition.start_point[1]
                unwrapped = f"let {pattern[1]} = {in_parentheses(value)}.unwrap();"
                yield source.replace(condition, f"{unwrapped}\n{indent}{body}")


def _body(source: RustSource, condition: Node | None, bound: str) -> str:
    """
    What the branch does, "" if that cannot stand alone.
    """
    is_if = condition is not None and condition.type == "if_expression"
    block = child(condition, "consequence") if is_if else None
    if condition is None or block is None or child(condition, "alternative") is not None:
        return ""
    statement = condition.parent
    if statement is None or statement.type != "expression_statement" or statement.parent is None:
        return ""
    below = source.data[condition.end_byte : statement.parent.end_byte].decode()
    names = re.findall(r"\w+", bound)
    is_used = any(re.search(rf"\b{name}\b", below) for name in names)
    return "" if is_used else dedented(source, block)
