"""
Rule CAB113.
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


class ConstraintIdle(TaskRule):
    """
    A constraint protects files that do not exist.

    What it finds: a `file-not-touched` whose glob matches no file of `workdir` or `hidden/tests`.
    Why it matters: the rule is honored by everybody, so it measures nothing; usually the glob is
      misspelt.
    How to mend: correct the glob (`tests/**` is all below `tests`), or drop the constraint.
    """

    code = "CAB113"
    name = "constraint-idle"
    severity = Severity.WARNING
    examples = (
        Example(
            "rust",
            (
                Change(
                    "task.yaml",
                    "constraints: []",
                    "constraints:\n- {kind: file-not-touched, path: 'test/**'}",
                ),
            ),
            Place("task.yaml", 17, 34),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        for number, constraint in enumerate(manifest.constraints):
            if constraint.kind != "file-not-touched":
                continue
            glob = (constraint.path,)
            if not any(matches(path, glob) for path in chain(bundle.hidden_tests, bundle.workdir)):
                place = bundle.value("constraints", number, "path")
                yield self.found(f"{constraint.path!r} matches no file", place)
