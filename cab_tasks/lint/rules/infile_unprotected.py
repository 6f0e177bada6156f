"""
Rule CAB308.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.looks import rust_tests
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class InfileUnprotected(TaskRule):
    """
    The file to be edited holds tests that nothing protects.

    What it finds: a ground-truth file that `tests.infile` does not name, with a `#[cfg(test)]`
      module in it, a single test that `tests.json` lists, or one that a macro makes.
    Why it matters: in Rust tests sit in the file that the fix edits: tampering with them is an
      expected change.
    How to mend: name path and module under `tests.infile`, and put the module's text into
      `hidden/infile/`.
    """

    code = "CAB308"
    name = "infile-unprotected"
    severity = Severity.ERROR
    examples = (
        Example(
            "rust",
            (
                Change("task.yaml", "  infile:\n  - {path: src/lib.rs, module: tests}\n", ""),
                Change("hidden/infile/src/lib.rs/tests.rs"),
            ),
            Place("workdir/src/lib.rs", 5),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        named = {module.path for module in manifest.tests.infile}
        for path in manifest.ground_truth_files:
            if path.endswith(".rs") and path not in named:
                text = bundle.text(f"workdir/{path}") or ""
                found = rust_tests(text, bundle.suite)
                if found is not None:
                    line = text.count("\n", 0, found) + 1
                    place = Place(f"workdir/{path}", line)
                    yield self.found("tests in a file to be edited, not in tests.infile", place)
