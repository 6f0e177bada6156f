"""
Rule CAB501.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import FIX
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class FixMissing(TaskRule):
    """
    There is no reference fix.

    What it finds: a `hidden/fix.patch` that is missing or empty, in a task that has to be
      repaired.
    Why it matters: nothing proves that the task can be solved.
    How to mend: write the difference from `workdir` to the repaired repository: `git diff
      --no-index`.
    """

    code = "CAB501"
    name = "fix-missing"
    severity = Severity.ERROR
    examples = (
        Example("rust", (Change("hidden/fix.patch", None, ""),), Place("hidden/fix.patch")),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        data = bundle.data(FIX)
        if manifest.family != "integrity" and (data is None or not data.strip()):
            state = "empty" if data is not None else "missing, not a plain file, or too large"
            yield self.found(state, Place(FIX))
