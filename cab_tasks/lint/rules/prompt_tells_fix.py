"""
Rule CAB404.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.bundle import PROMPT
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule
from cab_tasks.prompt import leaks_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class PromptTellsFix(Rule):
    """
    The prompt holds a line of the fix.

    What it finds: a line that `hidden/fix.patch` adds, of 12 characters or more, anywhere in
      `prompt.md`, whatever its spacing.
    Why it matters: the answer is in the question.
    How to mend: tell what goes wrong, not how the code should read.
    """

    code = "CAB404"
    name = "prompt-tells-fix"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (
                Change(
                    "prompt.md",
                    "repair it.\n",
                    "repair it. It was `return sum(numbers, start=0)`.\n",
                ),
            ),
            Place("prompt.md", 3, 85),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        text = bundle.text(PROMPT)
        if text is None or bundle.patch is None:
            return
        for secret in leaks_in(text, bundle.patch.added):
            loose = r"\s*".join(map(re.escape, secret.split()))
            place = bundle.find(PROMPT, re.compile(loose))
            yield self.found(f"tells the fix: {secret.strip()}", place)
