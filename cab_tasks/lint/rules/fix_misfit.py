"""
Rule CAB503.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import FIX
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class FixMisfit(Rule):
    """
    The reference fix does not apply.

    What it finds: context or removed lines of `hidden/fix.patch` that are not what stands in
      `workdir`.
    Why it matters: the repaired repository cannot be made, so nothing is proven.
    How to mend: write the patch anew, from the `workdir` of this bundle.
    """

    code = "CAB503"
    name = "fix-misfit"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (
                Change(
                    "hidden/fix.patch", "-    return sum(numbers, 1)", "-    return sum(numbers, 2)"
                ),
            ),
            Place("hidden/fix.patch"),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        patch = bundle.patch
        if patch is not None and not patch.problem and patch.misfit:
            yield self.found(patch.misfit, Place(FIX))
