"""
Mutator: a change of state is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, child, loop_around, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

# In a loop, another value may be what brings it to its end.
_FLAGS = ("boolean_literal", "scoped_identifier", "integer_literal")


class DropAssignment(RustMutator):
    """
    Forget to assign to a field or variable.

    Injects: a lost assignment: the old value stays.
    Fair because: what reads the value afterwards gets the old one.
    Leaves alone: first values, marks in tables, and in loops all but flags: a loop must end.
    """

    id = "var.self"
    cwe = 665
    examples = (
        Example("fn f() { let x; x = 1; g(x); }\n", after=(), why="its first value"),
        Example("fn f() { let mut i = 0; loop { i = next(i); } }\n", after=(), why="must end"),
        Example("fn f(&mut self) {\n    self.x = x;\n    g();\n}\n",
                after=("fn f(&mut self) {\n    g();\n}\n",)),
        Example("fn f() { let mut a = true; loop { a = false; g(); } }\n",
                after=("fn f() { let mut a = true; loop {  g(); } }\n",), why="a flag"),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for assignment in source.find("assignment_expression"):
            statement = assignment.parent
            if statement is None or statement.type != "expression_statement":
                continue
            if not text_of(statement).endswith(";") or not source.types.has_value(assignment):
                continue
            edit = source.delete_statement(statement)
            if _may_go(assignment) and not source.is_off_limits(edit.start, edit.end):
                yield edit


def _may_go(assignment: Node) -> bool:
    around, value = loop_around(assignment), child(assignment, "right")
    if around is None or around.type == "for_expression":
        return True
    return value is not None and value.type in _FLAGS
