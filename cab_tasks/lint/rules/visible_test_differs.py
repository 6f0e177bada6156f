"""
Rule CAB311.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class VisibleTestDiffers(TaskRule):
    """
    A visible test is another one than the test that scores.

    What it finds: with `visibility: visible`, files of `hidden/tests` that `workdir` lacks or has
      with other content.
    Why it matters: the agent would be judged by tests that it was told to run and never saw.
    How to mend: make both the same, or say `visibility: hidden`.
    """

    code = "CAB311"
    name = "visible-test-differs"
    severity = Severity.ERROR
    examples = (
        Example(
            "refusal",
            (Change("hidden/tests/test_add.py", None, "from add import add\n"),),
            Place("hidden/tests/test_add.py"),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.tests.visibility == "visible":
            for path, entry in bundle.hidden_tests.items():
                shown = bundle.workdir.get(path)
                if shown is None or shown.digest != entry.digest:
                    how = "is missing from" if shown is None else "is another one in"
                    yield self.found(f"{path!r} {how} workdir", Place(entry.path))
