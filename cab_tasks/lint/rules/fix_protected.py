"""
Rule CAB506.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import FIX
from cab_tasks.globs import matches
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class FixProtected(TaskRule):
    """
    The reference fix edits a protected file.

    What it finds: paths of `hidden/fix.patch` that `tests.protected` matches.
    Why it matters: changes of protected files are undone before scoring: the right answer fails.
    How to mend: narrow `tests.protected`, or make the fix without that file.
    """

    code = "CAB506"
    name = "fix-protected"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("task.yaml", "  - conftest.py", "  - src/*"),),
            Place("hidden/fix.patch"),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if bundle.patch is None:
            return
        for path in bundle.patch.paths:
            if matches(path, manifest.tests.protected):
                place = bundle.find(FIX, f"--- a/{path}")
                yield self.found(f"edits {path!r}, which is protected", place)
