"""
Mutator: another error than the right one is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutators.base import Example
from mutators.rust._donors import variants
from mutators.rust._mutator import RustMutator, RustSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit


class ChangeErrorKind(RustMutator):
    """
    Report another variant of the same error enum, with the same payload.

    Injects: a wrong error for a right reason.
    Fair because: a test of the failure names the variant that it expects.
    Leaves alone: variants in patterns, and payloads of another shape.
    """

    id = "err.wrong-kind"
    cwe = 393
    examples = (
        Example("enum Error { A, B(u8) }\nfn f() { Err(Error::A) }\n", after=(), why="no donor"),
        Example("match e { Error::A => 1, Error::B => 2 }\n", after=(), why="patterns only"),
        Example("enum Mode { A, B }\nfn f() { Mode::A }\n", after=(), why="no error"),
        Example("enum Error { A, B }\nfn f() { Err(Error::A) }\n",
                after=("enum Error { A, B }\nfn f() { Err(Error::B) }\n",)),
        Example("fn f() { g(Kind::A, 1); g(Kind::B, 2); }\n",
                after=("fn f() { g(Kind::B, 1); g(Kind::B, 2); }\n",
                       "fn f() { g(Kind::A, 1); g(Kind::A, 2); }\n"), why="seen in the file"),
    )  # fmt: skip

    def edits(self, source: RustSource) -> Iterator[Edit]:
        for site, donor, tells_error in variants(source):
            if tells_error:
                yield source.replace(site, donor)
