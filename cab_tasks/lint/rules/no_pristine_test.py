"""
Rule CAB312.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class NoPristineTest(TaskRule):
    """
    A test that decides has no pristine copy.

    What it finds: failing pytest ids whose file is not in `hidden/tests`, and tasks with neither
      `hidden/tests` nor in-file modules.
    Why it matters: scoring lays the copies over the answer; without one, a hidden test does not
      exist at all.
    How to mend: copy the repaired repository's test files to `hidden/tests/`, under the same
      paths.
    """

    code = "CAB312"
    name = "no-pristine-test"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (
                Change(
                    "hidden/tests.json",
                    "tests/test_sums.py::test_total_of_nothing",
                    "tests/test_some.py::test_total_of_nothing",
                ),
                Change(
                    "hidden/evidence.json",
                    "tests/test_sums.py::test_total_of_nothing",
                    "tests/test_some.py::test_total_of_nothing",
                ),
            ),
            Place("hidden/tests.json", 3, 3),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.family == "integrity":
            return
        if not bundle.hidden_tests and not manifest.tests.infile:
            yield self.found("no pristine tests", bundle.value("tests"))
        elif manifest.tests.framework == "pytest":
            for test in sorted(bundle.failing):
                path = test.partition("::")[0]
                if path not in bundle.hidden_tests and not is_doctest(test):
                    yield self.found(f"no {path!r} in hidden/tests", bundle.test_place(test))


def is_doctest(test: str) -> bool:
    """
    Documentation tests stand in the product's files: pytest names them by the dotted path.
    """
    path, _, item = test.partition("::")
    return not path.endswith(".py") or "." in item.partition("[")[0]
