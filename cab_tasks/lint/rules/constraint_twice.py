"""
Rule CAB111.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest

_ONCE = ("no-new-dependency", "no-comments-added")


class ConstraintTwice(TaskRule):
    """
    A constraint is declared twice.

    What it finds: constraints that are equal in all parts, and a second one of a kind that makes
      sense once.
    Why it matters: instruction fidelity is honored ÷ declared: what is declared twice counts
      twice.
    How to mend: delete one of them.
    """

    code = "CAB111"
    name = "constraint-twice"
    severity = Severity.WARNING
    examples = (
        Example(
            "rust",
            (
                Change(
                    "task.yaml",
                    "constraints: []",
                    "constraints:\n- kind: no-new-dependency\n- {kind: no-new-dependency}",
                ),
            ),
            Place("task.yaml", 18, 3),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        seen: dict[object, int] = {}
        for number, constraint in enumerate(manifest.constraints):
            once = constraint.kind in _ONCE
            first = seen.setdefault(constraint.kind if once else constraint, number)
            if first != number:
                line = bundle.value("constraints", first).line
                message = f"declared on line {line} already"
                yield self.found(message, bundle.value("constraints", number))
