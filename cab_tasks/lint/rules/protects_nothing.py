"""
Rule CAB306.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from cab_tasks.globs import matches
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class ProtectsNothing(TaskRule):
    """
    `tests.protected` protects no file of the task.

    What it finds: globs none of which matches a file of `workdir` or `hidden/tests`.
    Why it matters: an agent can then make the tests pass by editing them, or the settings of
      their runner.
    How to mend: name test files and test configuration: `tests/**`, `conftest.py`, `Cargo.toml`.
    """

    code = "CAB306"
    name = "protects-nothing"
    severity = Severity.ERROR
    examples = (
        Example(
            "refusal",
            (
                Change("task.yaml", "  - test_*.py", "  - spec_*.py"),
                Change("workdir/test_add.py"),
            ),
            Place("task.yaml", 22, 3),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        globs = manifest.tests.protected
        if not any(matches(path, globs) for path in chain(bundle.hidden_tests, bundle.workdir)):
            message = "the globs match no file" if globs else "no file is protected"
            yield self.found(message, bundle.value("tests", "protected"))
