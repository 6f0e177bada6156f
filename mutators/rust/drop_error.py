"""
Mutator: an error is swallowed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    guard_exit,
    is_formatting,
    is_function_result,
    is_statement,
    result_type,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.rust._mutator import Node

# What a careless author returns instead of the error.
_INNOCENT = {"()": "()", "bool": "false", "usize": "0", "u64": "0", "u32": "0", "i32": "0",
             "i64": "0", "u8": "0", "String": "String::new()", "&str": '""'}  # fmt: skip


class DropError(RustMutator):
    """
    Go on where an error should have been returned.

    Injects: a swallowed error: `?` without effect, a check without result, `Ok` for `Err`.
    Fair because: a test that expects the error gets none.
    Leaves alone: `?` whose value is used, and writes to a formatter, which do not fail.
    """

    id = "err.dropped"
    cwe = 390
    examples = (
        Example("fn f() { let x = g()?; }\n", after=(), why="the value is used"),
        Example("fn f() { if c { return 1; } g() }\n", after=(), why="no error"),
        Example("fn f() { g()?; }\n", after=("fn f() { let _ = g(); }\n",)),
        Example("fn f() {\n    if c {\n        return Err(e);\n    }\n    g()\n}\n",
                after=("fn f() {\n    g()\n}\n",)),
        Example("fn f() -> Result<(), E> { if c { g() } else { Err(e) } }\n",
                after=("fn f() -> Result<(), E> { if c { g() } else { Ok(()) } }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("if_expression", "try_expression", "call_expression"):
            if node.type == "if_expression":
                leaving = guard_exit(node)
                if leaving is not None and re.match(r"return\s+Err\b", text_of(leaving)):
                    yield source.delete_statement(node.parent or node)
            elif node.type == "try_expression":
                if is_statement(node) and not is_formatting(node):
                    yield source.replace(node, f"let _ = {text_of(node.named_children[0])}")
            elif innocent := _innocent(node):
                yield source.replace(node, innocent)


def _innocent(call: Node) -> str:
    """
    `Ok(())` for an `Err(…)` that is a function's result, "" for all else.
    """
    parent = call.parent
    if not re.match(r"Err\s*\(", text_of(call)) or not is_function_result(call):
        return ""
    if parent is not None and parent.type == "return_expression" and _is_guard_exit(parent):
        return ""
    declared = re.fullmatch(r"(?:\w+::)*Result<\s*([^,]+?)\s*(?:,.*)?>", result_type(call).strip())
    if declared is None:
        return ""
    value = "None" if declared[1].startswith("Option<") else _INNOCENT.get(declared[1], "")
    return f"Ok({value})" if value else ""


def _is_guard_exit(leaving: Node) -> bool:
    """
    Whether a `return` is all that a guard does; then the guard itself is dropped.
    """
    block = leaving.parent.parent if leaving.parent is not None else None
    holder = block.parent if block is not None else None
    return holder is not None and holder.type == "if_expression" and guard_exit(holder) == leaving
