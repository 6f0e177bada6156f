"""
Rule CAB102.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_KINDS = ("missing", "union_tag_not_found")


class MissingKey(Rule):
    """
    The manifest lacks a key that every task needs.

    What it finds: required keys that are absent; the place is the mapping that lacks them.
    Why it matters: without it the task cannot be run or scored.
    How to mend: add the key; `cab-tasks schema` says what it holds.
    """

    code = "CAB102"
    name = "missing-key"
    severity = Severity.ERROR
    examples = (
        Example("python", (Change("task.yaml", "max_turns: 10\n", ""),), Place("task.yaml", 1, 1)),
        Example(
            "python",
            (Change("task.yaml", "  visibility: hidden\n", ""),),
            Place("task.yaml", 27, 3),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for problem in bundle.schema_problems:
            if problem.kind in _KINDS:
                loc = problem.loc if problem.kind == "missing" else (*problem.loc, "kind")
                yield self.found(f"missing key {str(loc[-1])!r}", bundle.schema_value(loc[:-1]))
