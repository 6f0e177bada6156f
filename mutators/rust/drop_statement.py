"""
Mutator: a step is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, loop_around, method_name, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

# In a loop, other calls may be what brings it to its end.
_HARMLESS = (
    "write_str",
    "write_char",
    "write_all",
    "push",
    "push_str",
    "insert",
    "extend",
    "push_back",
    "push_front",
    "append",
    "entry",
)
_CAPACITY = ("reserve", "shrink_to_fit", "flush")


class DropStatement(RustMutator):
    """
    Delete a call that is a statement of its own.

    Injects: a missing call: something is not stored, cleared or told.
    Fair because: a call whose result is not used is there for its effect.
    Leaves alone: macros, logs, and in loops all but calls that store: a loop must come to its end.
    """

    id = "call.drop-stmt"
    cwe = 670
    examples = (
        Example("fn f() { let x = g(); }\n", after=(), why="the result is used"),
        Example("fn f() { loop { g.next(); } }\n", after=(), why="might never end"),
        Example("fn f() { g()?; h() }\n", after=("fn f() {  h() }\n",)),
        Example("fn f() {\n    v.clear();\n    g(v)\n}\n", after=("fn f() {\n    g(v)\n}\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for statement in source.find("expression_statement"):
            call = statement.named_children[0]
            if call.type == "try_expression":
                call = call.named_children[0]
            if call.type != "call_expression" or not text_of(statement).endswith(";"):
                continue
            if _may_go(call):
                edit = source.delete_statement(statement)
                if not source.is_off_limits(edit.start, edit.end):
                    yield edit


def _may_go(call: Node) -> bool:
    name = method_name(call)
    if name in _CAPACITY:
        return False
    if loop_around(call) is None:
        return True
    inside = text_of(child(call, "arguments"))
    return name in _HARMLESS and "?" not in inside and "self." not in inside
