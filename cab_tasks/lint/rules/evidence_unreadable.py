"""
Rule CAB702.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import EVIDENCE
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class EvidenceUnreadable(Rule):
    """
    `hidden/evidence.json` is no JSON object.

    What it finds: broken JSON, keys that stand twice, another value than an object.
    Why it matters: evidence that cannot be read proves nothing.
    How to mend: write it anew by generating the task.
    """

    code = "CAB702"
    name = "evidence-unreadable"
    severity = Severity.ERROR
    examples = (
        Example(
            "rust", (Change("hidden/evidence.json", None, "[]\n"),), Place("hidden/evidence.json")
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        evidence = bundle.evidence_json
        if EVIDENCE not in bundle.entries:
            return
        if evidence.problem:
            yield self.found(evidence.problem, evidence.place)
        elif not isinstance(evidence.plain, dict):
            yield self.found("expected a JSON object", Place(EVIDENCE))
