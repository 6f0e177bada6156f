"""
Rule CAB310.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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
        for path in sorted(bundle.test_like.union(bundle.hidden_tests)):
            shown = f"workdir/{path}"
            data = bundle.data(shown) or b""
            for name in bundle.failing_names:
                if name.encode("utf-8", "replace") in data:
                    yield from self._defined(bundle, shown, name)

    def _defined(self, bundle: Snapshot, path: str, name: str) -> Iterator[Finding]:
        text = bundle.text(path) or ""
        defines = rf"(?m)^[^\n#/\"']*\b(?:def|fn|func) {re.escape(name)}\b"
        if not (found := re.search(defines, text)):
            return
        # Another test of that name may stay: of another class, or other parameters of this one.
        if name not in test_names(bundle.lists.get("pass_to_pass", ())):
            line = text.count("\n", 0, found.start()) + 1
            yield self.found(f"the hidden test {name!r}", Place(path, line))
