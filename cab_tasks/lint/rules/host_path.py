"""
Rule CAB803.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.looks import host_path, mark_of
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

# What the seed itself says is CAB804's; patches and tests quote the seed.


class HostPath(Rule):
    """
    A path of the author's machine is in a file of the bundle.

    What it finds: `/home/…/`, `/Users/…/`, `/root/` and their like of Windows in `task.yaml`,
      `prompt.md`, `AGENTS.md`, `environment/` and the JSON files in `hidden/`.
    Why it matters: it tells who made the task, and fails on every other machine.
    How to mend: write the path relative to the repository.
    """

    code = "CAB803"
    name = "host-path"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (Change("prompt.md", "`total([])`", "`total([])` in /home/jane/sums/x"),),
            Place("prompt.md", 8, 19),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path, data in bundle.told.items():
            if found := host_path(bundle.entries[path].digest, data):
                line, column = mark_of(data, found.start())
                shown = found[0].decode("utf-8", "backslashreplace")
                yield self.found(f"path of a machine: {shown}", Place(path, line, column))
