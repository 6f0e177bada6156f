"""
Rule CAB302.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class NoFailingTest(TaskRule):
    """
    No test fails in the broken repository.

    What it finds: `tests.json` with no test that fails, is absent or is skipped before the fix.
    Why it matters: doing nothing would pass.
    How to mend: run the suite in `workdir`, and list under `fail_to_pass` what fails there and
      passes with the fix.
    """

    code = "CAB302"
    name = "no-failing-test"
    severity = Severity.ERROR
    examples = (
        Example(
            "rust",
            (
                Change(
                    "hidden/tests.json",
                    ' "fail_to_pass": [\n  "halves tests::halves_of_even_numbers"\n ],',
                    ' "fail_to_pass": [],',
                ),
                Change(
                    "hidden/evidence.json", '"halves tests::halves_of_even_numbers": "failed"', ""
                ),
            ),
            Place("hidden/tests.json", 2, 2),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.family != "integrity" and bundle.lists and not bundle.failing:
            place = bundle.find("hidden/tests.json", '"fail_to_pass"')
            yield self.found("no test fails before the fix", place)
