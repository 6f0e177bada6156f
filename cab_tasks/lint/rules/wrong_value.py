"""
Rule CAB103.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_OTHERS = ("missing", "union_tag_not_found", "extra_forbidden")


class WrongValue(Rule):
    """
    A value of the manifest has the wrong type, form or range.

    What it finds: text where a number belongs (`"10"` is text), numbers below their least value,
      words that are not among those allowed, ids, versions and dates that are malformed.
    Why it matters: tools would guess, each in its own way.
    How to mend: write what the message asks for; a date is `2026-01-31`, without quotes.
    """

    code = "CAB103"
    name = "wrong-value"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("task.yaml", "max_turns: 10", 'max_turns: "10"'),),
            Place("task.yaml", 11, 12),
        ),
        Example(
            "python",
            (Change("task.yaml", "task_id: mutations/sums-0a1b2c3d", "task_id: mutations/Sums"),),
            Place("task.yaml", 2, 10),
        ),
        Example(
            "python",
            (Change("task.yaml", "- kind: no-new-dependency", "- kind: no-dependency"),),
            Place("task.yaml", 23, 3),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for problem in bundle.schema_problems:
            if problem.kind not in _OTHERS:
                name = ".".join(str(part) for part in problem.loc)
                message = problem.message.removeprefix("Input ")
                yield self.found(f"{name}: {message}", bundle.schema_value(problem.loc))
