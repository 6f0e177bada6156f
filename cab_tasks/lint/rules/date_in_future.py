"""
Rule CAB107.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class DateInFuture(TaskRule):
    """
    The task was added after the day that counts as today.

    What it finds: a `task_added_date` later than the day of `SOURCE_DATE_EPOCH`; without that
      variable nothing, since the clock is never asked.
    Why it matters: a date in the future is a slip of the pen, and makes the task look unseen by
      every model.
    How to mend: correct the date.
    """

    code = "CAB107"
    name = "date-in-future"
    severity = Severity.WARNING
    examples = (Example("python", (), Place("task.yaml", 7, 18), latest="2026-01-14"),)

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        date = manifest.task_added_date
        if date is not None and bundle.latest and date.isoformat() > bundle.latest:
            message = f"{date.isoformat()} is later than {bundle.latest}"
            yield self.found(message, bundle.value("task_added_date"))
