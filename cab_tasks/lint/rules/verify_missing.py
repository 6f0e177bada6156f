"""
Rule CAB402.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import PROMPT
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.looks import verify_block
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class VerifyMissing(Rule):
    """
    The prompt does not say how to check a repair.

    What it finds: a `prompt.md` without a heading `Verify` that is followed by a fenced block.
    Why it matters: an agent that cannot check its work is measured on guessing the command.
    How to mend: add a section `## Verify` with `tests.command` in a fenced block.
    """

    code = "CAB402"
    name = "verify-missing"
    severity = Severity.WARNING
    examples = (
        Example("python", (Change("prompt.md", "## Verify", "## Done"),), Place("prompt.md")),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        text = bundle.text(PROMPT)
        if text is not None and text.strip() and verify_block(text) is None:
            yield self.found("no section Verify with a command in a fenced block", Place(PROMPT))
