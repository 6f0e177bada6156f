"""
Rule CAB310.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.globs import matches
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule
from cab_tasks.prompt import test_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class HiddenTestVisible(TaskRule):
    """
    A hidden test stands in the repository that the agent gets.

    What it finds: with `visibility: hidden`, the function of a failing test in a test file of
      `workdir`.
    Why it matters: the agent reads the expected values, and the task measures something else than
      it says.
    How to mend: cut the function out of `workdir`, or make the task `visible`.
    """

    code = "CAB310"
    name = "hidden-test-visible"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (
                Change(
                    "workdir/tests/test_sums.py",
                    "def test_mean_of_one",
                    "def test_total_of_nothing():\n    pass\n\n\ndef test_mean_of_one",
                ),
            ),
            Place("workdir/tests/test_sums.py", 8),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.tests.visibility != "hidden" or not bundle.failing:
            return
        names = "|".join(filter(str.isidentifier, test_names(bundle.failing)))
        pattern = re.compile(rf"(?m)^[^\n#/\"']*\b(?:def|fn|func) ({names})\b")
        for path, entry in bundle.workdir.items():
            if path in bundle.test_like or matches(path, manifest.tests.protected):
                for found in pattern.finditer(bundle.text(entry.path) or "") if names else ():
                    if found[1] not in test_names(bundle.lists.get("pass_to_pass", ())):
                        line = found.string.count("\n", 0, found.start()) + 1
                        place = Place(entry.path, line)
                        yield self.found(f"the hidden test {found[1]!r}", place)
