"""
Rule CAB314.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.looks import PYTHON_TEST
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class TestUnlisted(TaskRule):
    """
    A hidden test file is listed nowhere.

    What it finds: a pytest file in `hidden/tests` that no id in `tests.json` comes from.
    Why it matters: what is in no list is not judged: its tests were skipped, or the lists are
      old.
    How to mend: list its tests, or leave the file if it is skipped on purpose.
    """

    code = "CAB314"
    name = "test-unlisted"
    severity = Severity.INFO
    examples = (
        Example(
            "python",
            (
                Change(
                    "hidden/tests/tests/test_more.py", None, "def test_more():\n    assert True\n"
                ),
            ),
            Place("hidden/tests/tests/test_more.py"),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.tests.framework != "pytest" or not bundle.lists:
            return
        for path, entry in bundle.hidden_tests.items():
            start = f"{path}::"
            if PYTHON_TEST.search(path) and not any(t.startswith(start) for t in bundle.suite):
                yield self.found("none of its tests is in tests.json", Place(entry.path))
