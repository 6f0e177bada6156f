"""
Rule CAB112.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.globs import matches
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Constraint, Manifest


class ConstraintContradiction(TaskRule):
    """
    A constraint forbids what the task asks for.

    What it finds: a `file-not-touched` whose glob matches a ground-truth file, and a
      `file-pattern-required-in-diff` all of whose paths a `file-not-touched` has too.
    Why it matters: no answer can both solve the task and follow the rules.
    How to mend: narrow the glob, or drop the constraint.
    """

    code = "CAB112"
    name = "constraint-contradiction"
    severity = Severity.ERROR
    examples = (
        Example(
            "rust",
            (
                Change(
                    "task.yaml",
                    "constraints: []",
                    "constraints:\n- {kind: file-not-touched, path: 'src/**'}",
                ),
            ),
            Place("task.yaml", 17, 34),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        forbidden = tuple(c.path for c in manifest.constraints if c.kind == "file-not-touched")
        for number, constraint in enumerate(manifest.constraints):
            if constraint.kind == "file-not-touched":
                for path in manifest.ground_truth_files:
                    if matches(path, (constraint.path,)):
                        place = bundle.value("constraints", number, "path")
                        yield self.found(f"matches {path}, which the fix has to change", place)
            elif _is_forbidden(constraint, forbidden):
                place = bundle.value("constraints", number)
                yield self.found("asks for files that another constraint forbids", place)


def _is_forbidden(constraint: Constraint, forbidden: tuple[str, ...]) -> bool:
    return constraint.kind == "file-pattern-required-in-diff" and (
        set(constraint.paths) <= set(forbidden)
    )
