"""
Rule CAB211.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

HUGE_BYTES = 5 << 20  # the largest hand-written source file known to us has 0.9 MB


class HugeFile(Rule):
    """
    A file is larger than any source file.

    What it finds: files of more than 5 MiB.
    Why it matters: bundles are copied for every attempt, and read into prompts by some agents.
    How to mend: leave data and binaries out of the seed, or make them smaller.
    """

    code = "CAB211"
    name = "huge-file"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (Change("workdir/table.csv", None, "0,1,2,3\n" * 700_000),),
            Place("workdir/table.csv"),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path, entry in bundle.entries.items():
            if entry.size > HUGE_BYTES and not entry.problem:
                yield self.found(f"{entry.size >> 20} MiB", Place(path))
