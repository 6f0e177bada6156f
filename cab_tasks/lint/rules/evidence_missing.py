"""
Rule CAB701.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import EVIDENCE
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class EvidenceMissing(TaskRule):
    """
    There is no evidence that the task was proven.

    What it finds: a task to be repaired without `hidden/evidence.json`.
    Why it matters: nobody can tell whether its tests ever failed before and passed after.
    How to mend: generate the task, or validate it and keep the report.
    """

    code = "CAB701"
    name = "evidence-missing"
    severity = Severity.WARNING
    examples = (Example("rust", (Change("hidden/evidence.json"),), Place("hidden/evidence.json")),)

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.family != "integrity" and EVIDENCE not in bundle.entries:
            yield self.found("missing", Place(EVIDENCE))
