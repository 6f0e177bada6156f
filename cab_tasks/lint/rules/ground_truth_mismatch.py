"""
Rule CAB203.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class GroundTruthMismatch(TaskRule):
    """
    `ground_truth_files` is not the list of paths in `expected_changes`.

    What it finds: a path that stands in one of the two and not in the other.
    Why it matters: tools of CodingAgentBench read the first, ours the second; they must agree on
      what is damage.
    How to mend: make `ground_truth_files` the paths of `expected_changes`.
    """

    code = "CAB203"
    name = "ground-truth-mismatch"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("task.yaml", "- src/sums.py\nexp", "- src/sums.py\n- README.md\nexp"),),
            Place("task.yaml", 16, 3),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if not manifest.expected_changes:
            return
        changed = {change.path for change in manifest.expected_changes}
        for number, path in enumerate(manifest.ground_truth_files):
            if path not in changed:
                place = bundle.value("ground_truth_files", number)
                yield self.found(f"{path!r} is not in expected_changes", place)
        for number, change in enumerate(manifest.expected_changes):
            if change.path not in manifest.ground_truth_files:
                place = bundle.value("expected_changes", number, "path")
                yield self.found(f"{change.path!r} is not in ground_truth_files", place)
