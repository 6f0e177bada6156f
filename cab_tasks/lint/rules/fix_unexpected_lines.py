"""
Rule CAB505.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class FixUnexpectedLines(TaskRule):
    """
    `expected_changes` does not cover the reference fix, or expects more.

    What it finds: a change of `hidden/fix.patch` outside of the expected lines of its file, and
      expected lines that the fix leaves alone.
    Why it matters: changes are judged by these lines; they must hold for the fix itself.
    How to mend: give path and lines of each change, counted in `workdir`.
    """

    code = "CAB505"
    name = "fix-unexpected-lines"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("task.yaml", "lines: [7, 7]", "lines: [6, 6]"),),
            Place("task.yaml", 19, 10),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if bundle.patch is None or bundle.patch.problem:
            return
        runs = [(path, run) for path, found in bundle.patch.lines.items() for run in found]
        for number, change in enumerate(manifest.expected_changes):
            first, last = change.lines
            if not 1 <= first <= last:
                continue
            if not any(path == change.path and first <= a and b <= last for path, (a, b) in runs):
                message = f"the fix changes nothing in lines {first} to {last} of {change.path!r}"
                yield self.found(message, bundle.value("expected_changes", number, "lines"))
                return
        for path, (a, b) in runs if manifest.expected_changes else ():
            lines = [change.lines for change in manifest.expected_changes if change.path == path]
            if lines and not any(first <= a and b <= last for first, last in lines):
                place = bundle.value("expected_changes")
                yield self.found(f"the fix changes lines {a} to {b} of {path!r}, too", place)
