"""
Rule CAB104.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class TaskIdFamily(TaskRule):
    """
    The family in `task_id` is not the task's `family`.

    What it finds: a `task_id` whose part before the slash differs from `family`.
    Why it matters: results are grouped by both; the task would count in two groups.
    How to mend: make them equal; an id that has been published stays.
    """

    code = "CAB104"
    name = "task-id-family"
    severity = Severity.ERROR
    examples = (
        Example(
            "refusal",
            (Change("task.yaml", "task_id: integrity/", "task_id: polyglot/"),),
            Place("task.yaml", 2, 10),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        family = manifest.task_id.partition("/")[0]
        if family != manifest.family:
            message = f"the id says {family!r}, the family is {manifest.family!r}"
            yield self.found(message, bundle.value("task_id"))
