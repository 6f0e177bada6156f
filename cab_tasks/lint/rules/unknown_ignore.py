"""
Rule CAB110.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class UnknownIgnore(TaskRule):
    """
    `lint.ignore` names a rule that does not exist.

    What it finds: entries of the manifest's `lint: ignore:` that are no rule's code.
    Why it matters: the rule that was meant is not ignored, or the entry is a leftover.
    How to mend: correct the code or delete the entry; `cab-tasks rule` lists all.
    """

    code = "CAB110"
    name = "unknown-ignore"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (
                Change(
                    "task.yaml", "  hunks: 1\n", "  hunks: 1\nlint:\n  ignore: [CAB106, CAB999]\n"
                ),
            ),
            Place("task.yaml", 42, 20),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        from cab_tasks.lint.registry import codes  # the registry imports this module

        for number, code in enumerate(manifest.lint.ignore if manifest.lint else ()):
            if code not in codes():
                place = bundle.value("lint", "ignore", number)
                yield self.found(f"{code!r} is no rule", place)
