"""
Rule CAB401.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import PROMPT
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class PromptMissing(Rule):
    """
    There is no prompt.

    What it finds: a `prompt.md` that is missing, empty or not UTF-8.
    Why it matters: the agent is told nothing.
    How to mend: write what is wrong, and how to check a repair.
    """

    code = "CAB401"
    name = "prompt-missing"
    severity = Severity.ERROR
    examples = (
        Example("python", (Change("prompt.md"),), Place("prompt.md")),
        Example("rust", (Change("prompt.md", None, " \n"),), Place("prompt.md")),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        text = bundle.text(PROMPT)
        if text is None or not text.strip():
            state = "empty" if text is not None else "missing, or not UTF-8 text"
            yield self.found(state, Place(PROMPT))
