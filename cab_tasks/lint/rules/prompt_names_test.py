"""
Rule CAB405.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.bundle import PROMPT
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule
from cab_tasks.prompt import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class PromptNamesTest(TaskRule):
    """
    The prompt names a hidden test.

    What it finds: with `visibility: hidden`, the name of a failing test in `prompt.md`.
    Why it matters: names tell what is checked (`test_total_of_nothing`), and can be looked for.
    How to mend: tell the symptom instead.
    """

    code = "CAB405"
    name = "prompt-names-test"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("prompt.md", "repair it.\n", "repair it. See test_total_of_nothing.\n"),),
            Place("prompt.md", 3),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        text = bundle.text(PROMPT)
        if text is None or manifest.tests.visibility != "hidden":
            return
        for name in names_in(text, bundle.failing_names):
            place = bundle.find(PROMPT, re.compile(rf"\b{re.escape(name)}\b"))
            yield self.found(f"names the hidden test {name!r}", Place(PROMPT, place.line))
