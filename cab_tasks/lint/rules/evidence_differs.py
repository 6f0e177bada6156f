"""
Rule CAB703.
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


class EvidenceDiffers(TaskRule):
    """
    The evidence is of another task.

    What it finds: tests that failed in the proof and are not listed as failing, listed ones that
      did not, and a mutated file that is not in `ground_truth_files`.
    Why it matters: lists and proof were made from different runs; one of them is wrong.
    How to mend: generate the task again, or correct the lists.
    """

    code = "CAB703"
    name = "evidence-differs"
    severity = Severity.ERROR
    examples = (
        Example(
            "rust",
            (Change("hidden/evidence.json", "halves_of_even_numbers", "half_of_zero"),),
            Place("hidden/evidence.json", 3, 3),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        evidence = bundle.evidence_json.plain
        if not isinstance(evidence, dict):
            return
        broken = _part(evidence, "broken", "exceptions")
        if isinstance(broken, dict) and bundle.lists and set(broken) != bundle.failing:
            test = min(set(broken) ^ bundle.failing)
            how = "failed in the proof and is not listed" if test in broken else "did not fail"
            yield self.found(f"{test!r} {how}", bundle.find(EVIDENCE, '"exceptions"'))
        path = _part(evidence, "mutation", "path")
        if isinstance(path, str) and path not in manifest.ground_truth_files:
            message = f"{path!r} is not in ground_truth_files"
            yield self.found(message, bundle.find(EVIDENCE, '"path"'))


def _part(plain: dict[str, object], outer: str, inner: str) -> object:
    part = plain.get(outer)
    return part.get(inner) if isinstance(part, dict) else None
