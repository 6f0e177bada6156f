"""
Rule CAB307.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.globs import matches
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.looks import rust_tests
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class TestUnprotected(TaskRule):
    """
    A test file is not protected.

    What it finds: files that look like tests, by name or by what is in them, or stand in
      `hidden/tests`, and that neither `tests.protected` matches nor `tests.infile` names. Not
      Rust files with single tests that `tests.json` does not list.
    Why it matters: CodingAgentBench's `tests/*` missed `handler_test.go` beside the code: whoever
      edits it, passes.
    How to mend: add a glob that matches it; a file that only looks like a test is a reason for
      `lint: ignore`.
    """

    code = "CAB307"
    name = "test-unprotected"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("workdir/src/test_more.py", None, "def test_more():\n    assert True\n"),),
            Place("workdir/src/test_more.py"),
        ),
        Example(
            "rust",
            (
                Change(
                    "workdir/src/more.rs",
                    None,
                    "#[cfg(test)]\nmod tests {\n    #[test]\n    fn more() {}\n}\n",
                ),
            ),
            Place("workdir/src/more.rs"),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        globs = manifest.tests.protected
        infile = {module.path for module in manifest.tests.infile}
        known = infile.union(manifest.ground_truth_files)
        for path in sorted(bundle.test_like - known):
            if not matches(path, globs) and _decides(bundle, path):
                place = Place(f"workdir/{path}")
                yield self.found("looks like a test and is not protected", place)
        for path, entry in bundle.hidden_tests.items():
            if path not in bundle.workdir and not matches(path, globs):
                yield self.found(f"{path!r} is not protected", Place(entry.path))


def _decides(bundle: Snapshot, path: str) -> bool:
    """
    Whether a verdict may hang on the tests of a file.
    """
    if not path.endswith(".rs"):
        return True
    return rust_tests(bundle.text(f"workdir/{path}") or "", bundle.suite) is not None
