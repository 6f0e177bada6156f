"""
Rule CAB504.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import FIX
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class FixUnexpectedFile(TaskRule):
    """
    The reference fix touches a file that no change is expected in.

    What it finds: paths of `hidden/fix.patch` that are not in `ground_truth_files`.
    Why it matters: the reference fix itself would be charged for damage.
    How to mend: add the file to `expected_changes` and `ground_truth_files`, or leave it out of
      the fix.
    """

    code = "CAB504"
    name = "fix-unexpected-file"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (
                Change(
                    "task.yaml",
                    "ground_truth_files:\n- src/sums.py\nexpected_changes:\n"
                    "- path: src/sums.py\n  symbol: total\n  lines: [7, 7]\n",
                    "ground_truth_files: [README.md]\n",
                ),
                Change("hidden/evidence.json", '"path": "src/sums.py"', '"path": "README.md"'),
            ),
            Place("hidden/fix.patch"),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if bundle.patch is None:
            return
        for path in bundle.patch.paths:
            if path not in manifest.ground_truth_files:
                message = f"touches {path!r}, which is not in ground_truth_files"
                yield self.found(message, bundle.find(FIX, f"--- a/{path}"))
