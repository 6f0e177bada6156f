"""
Rule CAB204.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class LinesOutsideFile(TaskRule):
    """
    Expected lines lie outside of their file.

    What it finds: `expected_changes` with a first line below 1, a last line before the first, or
      lines behind the end of the file in `workdir`.
    Why it matters: the share of damage is counted by these lines.
    How to mend: count lines in the broken file, from 1, both ends included.
    """

    code = "CAB204"
    name = "lines-outside-file"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("task.yaml", "lines: [7, 7]", "lines: [7, 77]"),),
            Place("task.yaml", 19, 10),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        for number, change in enumerate(manifest.expected_changes):
            first, last = change.lines
            length = _length(bundle, change.path)
            if first < 1 or last < first or (length is not None and last > length + 1):
                of = "" if length is None else f" of {length}"
                message = f"lines {first} to {last}{of}: no such lines in {change.path!r}"
                yield self.found(message, bundle.value("expected_changes", number, "lines"))


def _length(bundle: Snapshot, path: str) -> int | None:
    """
    Lines of a file of workdir; None where there is none, or it is too large to be read.
    """
    entry = bundle.workdir.get(path)
    data = entry.data if entry is not None and entry.is_file else None
    return None if data is None else data.count(b"\n") + (not data.endswith(b"\n"))
