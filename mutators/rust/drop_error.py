"""
Mutator: an error is swallowed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._errors import innocent_result, swallowed
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    child,
    guard_exit,
    is_formatting,
    is_statement,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


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
        Example("for x in y { match x { Ok(z) => g(z), Err(e) => return Err(e), } }\n",
                after=("for x in y { match x { Ok(z) => g(z), Err(_) => break, } }\n",)),
        Example("fn f() -> Result<(), E> { match g { Ok(x) => x, Err(e) => Err(e) } }\n",
                after=("fn f() -> Result<(), E> { match g { Ok(x) => x, Err(_) => Ok(()) } }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("if_expression", "try_expression", "call_expression", "match_arm"):
            if node.type == "if_expression":
                leaving = guard_exit(node)
                if leaving is not None and re.match(r"return\s+Err\b", text_of(leaving)):
                    yield source.delete_statement(node.parent or node)
            elif node.type == "try_expression":
                if is_statement(node) and not is_formatting(node):
                    yield source.replace(node, f"let _ = {text_of(node.named_children[0])}")
            elif node.type == "match_arm":
                pattern, value = child(node, "pattern"), child(node, "value")
                if pattern is not None and value is not None and (new := swallowed(node)):
                    between = source.data[pattern.end_byte : value.start_byte].decode()
                    new = f"Err(_){between}{new}"
                    yield source.replace_span(pattern.start_byte, value.end_byte, new)
            elif innocent := innocent_result(node):
                yield source.replace(node, innocent)
