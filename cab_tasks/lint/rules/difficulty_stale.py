"""
Rule CAB114.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class DifficultyStale(TaskRule):
    """
    `difficulty` disagrees with the lists of tests.

    What it finds: `failing_tests` or `suite_tests` unlike what `hidden/tests.json` lists.
    Why it matters: tasks are ranked by these numbers.
    How to mend: count again: failing tests are those that fail, are absent or are skipped in
      `workdir`.
    """

    code = "CAB114"
    name = "difficulty-stale"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (Change("task.yaml", "failing_tests: 2", "failing_tests: 3"),),
            Place("task.yaml", 38, 18),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.difficulty is None or not bundle.lists:
            return
        counted = {"failing_tests": len(bundle.failing), "suite_tests": len(bundle.suite)}
        for name, number in counted.items():
            stated = getattr(manifest.difficulty, name)
            if stated != number:
                message = f"says {stated}, tests.json lists {number}"
                yield self.found(message, bundle.value("difficulty", name))
