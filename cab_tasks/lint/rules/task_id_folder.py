"""
Rule CAB105.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest

_FAMILIES = ("mutations", "polyglot", "integrity")


class TaskIdFolder(TaskRule):
    """
    The bundle's folder has another name than the task.

    What it finds: a folder that is not named as the part of `task_id` behind the slash, and one
      in a folder of another family.
    Why it matters: people find a task by its path; two tasks copied from one another share an id
      unnoticed.
    How to mend: rename the folder to `<family>/<name>`, or give the task its own id.
    """

    code = "CAB105"
    name = "task-id-folder"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (Change("task.yaml", "sums-0a1b2c3d", "sums-99999999"),),
            Place("task.yaml", 2, 10),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        name = manifest.task_id.partition("/")[2]
        if bundle.name != name:
            message = f"the folder is named {bundle.name!r}, the task {name!r}"
            yield self.found(message, bundle.value("task_id"))
        elif bundle.parent in _FAMILIES and bundle.parent != manifest.family:
            message = f"a task of {manifest.family!r} in the folder of {bundle.parent!r}"
            yield self.found(message, bundle.value("task_id"))
