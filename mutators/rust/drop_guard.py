"""
Mutator: a guard at the start of a function or of a loop's body is missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource, guard_exit, loop_around, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node


class DropGuard(RustMutator):
    """
    Delete an `if` that only leaves the function or goes on with the loop.

    Injects: a missing check; the special case falls through to the general code.
    Fair because: the special case was written for a reason that its test shows.
    Leaves alone: guards that return an error (`err.dropped` has them), `else`, and guards
    that end a `loop` or `while`, without which it may never end.
    """

    id = "cond.drop-guard"
    cwe = 754
    examples = (
        Example("fn f() { if c { return 1; } else { g(); } }\n", after=(), why="two ways"),
        Example("fn f() { if c { return Err(e); } g() }\n", after=(), why="err.dropped"),
        Example("fn f() { loop { if c { break; } g(); } }\n", after=(), why="might never end"),
        Example("fn f() { loop { if c { return 1; } g(); } }\n", after=(), why="might never end"),
        Example("fn f() {\n    if n == 0 {\n        return 1;\n    }\n    g()\n}\n",
                after=("fn f() {\n    g()\n}\n",)),
        Example("fn f() { for x in y { if x == 0 { continue; } g(x); } }\n",
                after=("fn f() { for x in y {  g(x); } }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for condition in source.find("if_expression"):
            leaving = guard_exit(condition)
            if leaving is None or condition.parent is None or _ends_loop(leaving):
                continue
            if not re.match(r"return\s+Err\b", text_of(leaving)):
                edit = source.delete_statement(condition.parent)
                if not source.is_off_limits(edit.start, edit.end):
                    yield edit


def _ends_loop(leaving: Node) -> bool:
    """
    Whether a loop may never end without this exit.
    """
    around = loop_around(leaving)
    if around is None or around.type == "for_expression":
        return False
    return leaving.type != "continue_expression"
