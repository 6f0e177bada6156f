"""
Rule CAB201.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class PathEscapes(TaskRule):
    """
    A path of the manifest leaves the repository, or is not in its plain form.

    What it finds: absolute paths, `..`, backslashes, `./` and `//` in `ground_truth_files`,
      `expected_changes`, `tests.protected`, `tests.infile` and constraints.
    Why it matters: tools that follow such a path read or write outside the task; others compare
      it as text and find nothing.
    How to mend: write it relative to `workdir`, with single slashes.
    """

    code = "CAB201"
    name = "path-escapes"
    severity = Severity.ERROR
    examples = (
        Example(
            "rust",
            (Change("task.yaml", "Cargo.lock", "../Cargo.lock"),),
            Place("task.yaml", 22, 27),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        for loc, path in _paths(manifest):
            if why := _fault(path):
                yield self.found(f"{path!r} {why}", bundle.value(*loc))


def _paths(manifest: Manifest) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, path in enumerate(manifest.ground_truth_files):
        yield ("ground_truth_files", number), path
    for number, change in enumerate(manifest.expected_changes):
        yield ("expected_changes", number, "path"), change.path
    for number, path in enumerate(manifest.tests.protected):
        yield ("tests", "protected", number), path
    for number, module in enumerate(manifest.tests.infile):
        yield ("tests", "infile", number, "path"), module.path
    for number, constraint in enumerate(manifest.constraints):
        if constraint.kind == "file-not-touched":
            yield ("constraints", number, "path"), constraint.path
        elif constraint.kind == "file-pattern-required-in-diff":
            for nth, path in enumerate(constraint.paths):
                yield ("constraints", number, "paths", nth), path


def _fault(path: str) -> str:
    if path.startswith("/") or path[1:3] in (":/", ":\\"):
        return "is absolute"
    parts = path.split("/")
    if ".." in parts:
        return "leads out of the repository"
    if "\\" in path:
        return "has a backslash"
    return "is not in its plain form" if "." in parts or "" in parts[:-1] else ""
