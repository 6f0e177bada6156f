"""
Rule CAB208.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class OddFile(Rule):
    """
    Something in the bundle is no file, or cannot be read.

    What it finds: sockets, pipes and devices, unreadable files and folders, folders more than 100
      deep, more than 100,000 files, files over 256 MiB.
    Why it matters: copying or hashing such a thing hangs or fails, on the machine that scores.
    How to mend: delete it, or make it a plain, readable file.
    """

    code = "CAB208"
    name = "odd-file"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("workdir/queue", None, None, "pipe"),),
            Place("workdir/queue"),
            stale=True,
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path, entry in bundle.entries.items():
            if entry.problem:
                yield self.found(entry.problem, Place(path or "."))
