"""
Rule CAB106.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class DateMissing(TaskRule):
    """
    The task does not say when it was added.

    What it finds: a manifest without `task_added_date`.
    Why it matters: with the date, scores on tasks older and newer than a model's training data
      can be compared.
    How to mend: add `task_added_date: YYYY-MM-DD`, or generate with `--date`.
    """

    code = "CAB106"
    name = "date-missing"
    severity = Severity.INFO
    examples = (
        Example(
            "python",
            (Change("task.yaml", "task_added_date: 2026-01-15\n", ""),),
            Place("task.yaml", 2, 1),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.task_added_date is None:
            yield self.found("no task_added_date", bundle.key("task_id"))
