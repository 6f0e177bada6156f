"""
Rule CAB804.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.looks import host_path, mark_of
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class HostPathInSeed(Rule):
    """
    A file of the repository holds a path of somebody's machine.

    What it finds: `/home/…/`, `/Users/…/`, `/root/` and their like of Windows in files of
      `workdir`.
    Why it matters: it may be an example in a test, or a leftover of a build that tells where the
      right code is.
    How to mend: look at it; leave it if the seed has it, too.
    """

    code = "CAB804"
    name = "host-path-in-seed"
    severity = Severity.INFO
    examples = (
        Example(
            "python",
            (Change("workdir/README.md", "# sums", "# sums\n\ncd /home/jane/sums/"),),
            Place("workdir/README.md", 3, 4),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for entry in bundle.workdir.values():
            data = entry.data
            if data and (found := host_path(entry.digest, data)):
                line, column = mark_of(data, found.start())
                shown = found[0].decode("utf-8", "backslashreplace")
                yield self.found(f"path of a machine: {shown}", Place(entry.path, line, column))
