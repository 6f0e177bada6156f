"""
Mutator: a function is called that is much like the right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._donors import called_node, sibling_functions, standard_sibling
from mutators.rust._mutator import RustMutator, RustSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class CallSibling(RustMutator):
    """
    Call the neighbour of a function: its mirror image, or another with the same signature.

    Injects: the wrong function, of two whose names or types are alike.
    Fair because: the two give different results on ordinary input.
    Leaves alone: functions without a sibling in the standard library's pairs or in the file.
    """

    id = "call.sibling"
    cwe = 684
    examples = (
        Example("x.len();\n", after=()),
        Example("fn f(a: u8) {}\nfn g(a: u16) {}\nfn h() { f(1); }\n", after=(), why="other types"),
        Example('x.starts_with("a");\n', after=('x.ends_with("a");\n',)),
        Example("fn f(a: u8) -> u8 {}\nfn g(b: u8) -> u8 {}\nfn h() { f(1); }\n",
                after=("fn f(a: u8) -> u8 {}\nfn g(b: u8) -> u8 {}\nfn h() { g(1); }\n",)),
        Example("fn h(s: S) { if c { low(s) } else { up(s) } }\n",
                after=("fn h(s: S) { if c { up(s) } else { up(s) } }\n",
                       "fn h(s: S) { if c { low(s) } else { low(s) } }\n"), why="called alike"),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for call in source.find("call_expression"):
            called = called_node(call)
            donors = sibling_functions(source, call) or [standard_sibling(call)]
            if called is not None:
                yield from (source.replace(called, donor) for donor in donors if donor)
