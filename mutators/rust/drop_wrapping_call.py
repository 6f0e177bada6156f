"""
Mutator: a call that prepares or limits a value is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._mutator import RustMutator, RustSource
from mutators.rust._wrappers import unwrapped_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class DropWrappingCall(RustMutator):
    """
    Use a value as it is, without the call that trims, limits, reverses or filters it.

    Injects: a missing call around a value.
    Fair because: a test with a value that needs the call gets another result.
    Leaves alone: calls that change the type, or that may do.
    """

    id = "call.drop-wrap"
    cwe = 684
    examples = (
        Example("x.to_lowercase();\n", after=(), why="another type"),
        Example("let i = v.iter().rev();\n", after=(), why="stored"),
        Example("fn f(s: &str) { g(s.trim()); }\n", after=("fn f(s: &str) { g(s); }\n",)),
        Example("for x in v.iter().rev() {}\n", after=("for x in v.iter() {}\n",)),
        Example("x.max(1);\n", after=("x;\n",)),
        Example("fn f(a: &A) -> &A {}\nfn g(x: &A) { h(f(x)); }\n",
                after=("fn f(a: &A) -> &A {}\nfn g(x: &A) { h(x); }\n",)),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for call in source.find("call_expression"):
            if value := unwrapped_value(source, call):
                yield source.replace(call, value)
