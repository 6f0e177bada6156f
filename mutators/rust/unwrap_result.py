"""
Mutator: a value that may be missing is unwrapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import (
    RustMutator,
    RustSource,
    child,
    is_formatting,
    method_name,
    method_node,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class UnwrapResult(RustMutator):
    """
    Unwrap where a default was given, or where the error was handed on by `?`.

    Injects: a panic on valid input, or on an error that the caller should have got.
    Fair because: a test of the missing value or of the error panics.
    Leaves alone: writes to a formatter, which do not fail.
    """

    id = "err.unwrap"
    cwe = 248
    examples = (
        Example("x.unwrap();\n", after=()),
        Example("x.get(0).unwrap_or(&1);\n", after=("x.get(0).unwrap();\n",)),
        Example("x.unwrap_or_else(|| f(1));\n", after=("x.unwrap();\n",)),
        Example("fn f() { let x = g(1)?; }\n", after=("fn f() { let x = g(1).unwrap(); }\n",)),
    )

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for node in source.find("call_expression", "try_expression"):
            if node.type == "try_expression":
                if not is_formatting(node):
                    yield source.replace(node.children[-1], ".unwrap()")
            elif method_name(node) in ("unwrap_or", "unwrap_or_else", "unwrap_or_default"):
                name, arguments = method_node(node), child(node, "arguments")
                if name is not None and arguments is not None and _is_plain(text_of(arguments)):
                    yield source.replace_span(name.start_byte, arguments.end_byte, "unwrap()")


def _is_plain(arguments: str) -> bool:
    """
    Not `unwrap_or_else(|e| panic!(…))`, which is an unwrap already.
    """
    return "panic!" not in arguments and "unreachable!" not in arguments
