"""
Rule CAB603.
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


class DigestLists(Rule):
    """
    The digests are of other files than those that are there.

    What it finds: files without a line in `digests.txt`, lines without a file, files listed
      twice.
    Why it matters: a file was added or lost after the task was proven.
    How to mend: restore what was lost, delete what was added. If it is meant: validate the bundle
      again, then `lint --fix`.
    """

    code = "CAB603"
    name = "digest-lists"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("workdir/more.txt", None, "more\n"),),
            Place("workdir/more.txt"),
            stale=True,
        ),
        Example("python", (Change("workdir/README.md"),), Place("digests.txt", 11), stale=True),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        if bundle.has_right_digests or DIGESTS not in bundle.entries:
            return
        listed: dict[str, int] = {}
        for number, (_, _, path) in enumerate(bundle.digest_lines, 1):
            if path and (path in listed or path not in bundle.entries):
                how = "is listed twice" if path in listed else "is not there"
                yield self.found(f"{path!r} {how}", Place(DIGESTS, number))
            listed.setdefault(path, number)
        # A line that cannot be read may be the file's: CAB604 tells that one.
        for path, entry in bundle.entries.items() if "" not in listed else ():
            if path not in listed and path != DIGESTS and not entry.problem:
                yield self.found("not listed in digests.txt", Place(path))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        if any(self.check(bundle)) and is_hashed(bundle):
            yield self.fix(DIGESTS, bundle.digests(), REWRITTEN)
