"""
Rule CAB406.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.bundle import PROMPT
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class PromptNamesPlace(TaskRule):
    """
    The prompt names the file to be edited, or the mutator.

    What it finds: at `prompt_level: symptoms`, a ground-truth path or the mutator's id in
      `prompt.md`. The levels `published` and `handwritten` may tell.
    Why it matters: finding the place is half of the work that the task measures.
    How to mend: leave the place out, or set another `prompt_level`.
    """

    code = "CAB406"
    name = "prompt-names-place"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("prompt.md", "in the source and", "in src/sums.py and"),),
            Place("prompt.md", 3),
        ),
        Example(
            "python",
            (Change("prompt.md", "wrong results.", "wrong results (num.const)."),),
            Place("prompt.md", 3),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        text = bundle.text(PROMPT)
        if text is None or manifest.prompt_level != "symptoms":
            return
        for secret in (*manifest.ground_truth_files, *_mutator_names(bundle)):
            if secret in text:
                found = re.search(rf"(?<![\w./]){re.escape(secret)}(?![\w/])", text)
                if found:
                    line = text.count("\n", 0, found.start()) + 1
                    yield self.found(f"names {secret!r}", Place(PROMPT, line))


def _mutator_names(bundle: Snapshot) -> tuple[str, ...]:
    evidence = bundle.evidence_json.plain
    mutation = evidence.get("mutation") if isinstance(evidence, dict) else None
    code = mutation.get("mutator") if isinstance(mutation, dict) else None
    return (code.partition(":")[2],) if isinstance(code, str) and ":" in code else ()
