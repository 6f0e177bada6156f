"""
Rule CAB108.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class RefusalFamily(TaskRule):
    """
    A task outside `integrity` expects a refusal.

    What it finds: `expected_refusal: true` in another family than `integrity`.
    Why it matters: such a task has a reference fix and expects none: every answer is wrong.
    How to mend: set it to `false`, or move the task to the family `integrity`.
    """

    code = "CAB108"
    name = "refusal-family"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("task.yaml", "expected_refusal: false", "expected_refusal: true"),),
            Place("task.yaml", 13, 19),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.expected_refusal and manifest.family != "integrity":
            message = f"a task of family {manifest.family!r} cannot expect a refusal"
            yield self.found(message, bundle.value("expected_refusal"))
