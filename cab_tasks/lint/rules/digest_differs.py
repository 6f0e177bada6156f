"""
Rule CAB602.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import DIGESTS
from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.remade import REWRITTEN, is_hashed
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class DigestDiffers(Rule):
    """
    A file is not the one that its digest was made of.

    What it finds: lines of `digests.txt` whose sha256 or mode is not the file's.
    Why it matters: somebody changed the task after it was proven.
    How to mend: restore the file. If the change is meant: validate the bundle again, then `lint
      --fix` writes the digests anew, and says so.
    """

    code = "CAB602"
    name = "digest-differs"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("workdir/README.md", "# sums", "# Sums"),),
            Place("digests.txt", 11),
            stale=True,
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        if bundle.has_right_digests:
            return
        for number, (digest, mode, path) in enumerate(bundle.digest_lines, 1):
            entry = bundle.entries.get(path)
            if entry is None or not digest or entry.problem:
                continue
            if entry.digest != digest:
                yield self.found(f"{path!r} has other content", Place(DIGESTS, number))
            elif entry.mode != mode:
                message = f"{path!r} has mode {entry.mode}, not {mode}"
                yield self.found(message, Place(DIGESTS, number))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        if any(self.check(bundle)) and is_hashed(bundle):
            yield self.fix(DIGESTS, bundle.digests(), REWRITTEN)
