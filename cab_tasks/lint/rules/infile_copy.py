"""
Rule CAB309.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class InfileCopy(TaskRule):
    """
    In-file tests and their pristine copies do not match up.

    What it finds: entries of `tests.infile` without a copy in `hidden/infile/<path>/`, and copies
      that no entry names.
    Why it matters: scoring splices the copy into the answer: without it, the agent's own tests
      are run.
    How to mend: write the module's text, by itself, to `hidden/infile/<path>/<module>.rs`.
    """

    code = "CAB309"
    name = "infile-copy"
    severity = Severity.ERROR
    examples = (
        Example("rust", (Change("hidden/infile/src/lib.rs/tests.rs"),), Place("task.yaml", 24, 5)),
        Example(
            "rust",
            (Change("hidden/infile/src/a.rs/tests.rs", None, "mod tests {}\n"),),
            Place("hidden/infile/src/a.rs/tests.rs"),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        found = bundle.below("hidden/infile")
        copies = {path.rsplit(".", 1)[0]: entry for path, entry in found.items()}
        named = set()
        for number, module in enumerate(manifest.tests.infile):
            name = f"{module.path}/{module.module.replace('::', '.')}"
            named.add(name)
            if name not in copies:
                place = bundle.value("tests", "infile", number)
                yield self.found(f"no copy at hidden/infile/{name}.rs", place)
        for name, entry in copies.items():
            if name not in named:
                yield self.found("no entry of tests.infile names it", Place(entry.path))
