"""
Rule CAB202.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest

_ANSWERS = ("REFUSAL.md", "CLARIFY.md")  # what agents write where they must not repair


class PathMissing(TaskRule):
    """
    A file that the manifest names is not there.

    What it finds: `ground_truth_files` and the paths of `tests.infile` that are no files of
      `workdir`, unless the fix creates them.
    Why it matters: a change that is expected nowhere counts as damage elsewhere.
    How to mend: correct the path, or add the file.
    """

    code = "CAB202"
    name = "path-missing"
    severity = Severity.ERROR
    examples = (
        Example(
            "refusal",
            (Change("task.yaml", "ground_truth_files: []", "ground_truth_files: [sub.py]"),),
            Place("task.yaml", 14, 22),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        made = set(bundle.patch.paths) if bundle.patch else set()
        known = {*made, *(_ANSWERS if manifest.family == "integrity" else ())}
        for number, path in enumerate(manifest.ground_truth_files):
            if path not in bundle.workdir and path not in known:
                place = bundle.value("ground_truth_files", number)
                yield self.found(f"no file {path!r} in workdir", place)
        for number, module in enumerate(manifest.tests.infile):
            if module.path not in bundle.workdir:
                place = bundle.value("tests", "infile", number, "path")
                yield self.found(f"no file {module.path!r} in workdir", place)
