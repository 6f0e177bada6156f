"""
Mutator: the test for an error asks the opposite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, children, method_node, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

_OPPOSITE = {
    "is_ok": "is_err", "is_err": "is_ok", "is_some": "is_none", "is_none": "is_some",
}  # fmt: skip
_PATTERNS = {"Some(_)": "None", "None": "Some(_)", "Ok(_)": "Err(_)", "Err(_)": "Ok(_)"}
_EQUAL = {"==": "!=", "!=": "=="}


class InvertErrorTest(RustMutator):
    """
    Ask for success where failure was asked for, or the other way round.

    Injects: an inverted test of `Result` or `Option`: errors taken for success, and so on.
    Fair because: both the good and the bad case behave wrongly.
    Leaves alone: patterns that bind a value, which the code behind them needs.
    """

    id = "err.invert"
    cwe = 253
    examples = (
        Example("if x.is_empty() {}\n", after=(), why="no test for an error"),
        Example("if let Some(y) = x { f(y); }\n", after=(), why="the value is used"),
        Example("if x.is_err() {}\n", after=("if x.is_ok() {}\n",)),
        Example("while !queue.pop().is_none() {}\n", after=("while !queue.pop().is_some() {}\n",)),
        Example("if x.next() == None {}\n", after=("if x.next() != None {}\n",)),
        Example("if let Ok(_) = f() {}\n", after=("if let Err(_) = f() {}\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("call_expression", "binary_expression", "let_condition"):
            if node.type == "call_expression":
                name = method_node(node)
                if text_of(name) in _OPPOSITE and name is not None and not _has_arguments(node):
                    yield source.replace(name, _OPPOSITE[text_of(name)])
            elif node.type == "binary_expression":
                operator = child(node, "operator")
                if operator is not None and text_of(operator) in _EQUAL and _names_failure(node):
                    yield source.replace(operator, _EQUAL[text_of(operator)])
            else:
                pattern = child(node, "pattern")
                if pattern is not None and text_of(pattern) in _PATTERNS:
                    yield source.replace(pattern, _PATTERNS[text_of(pattern)])


def _has_arguments(call: Node) -> bool:
    return bool(children(child(call, "arguments")))


def _names_failure(comparison: Node) -> bool:
    sides = [text_of(child(comparison, side)) for side in ("left", "right")]
    return any(side == "None" or side.startswith(("Err(", "Ok(", "Some(")) for side in sides)
