"""
Rule CAB403.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import PROMPT
from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.looks import verify_block
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class VerifyDiffers(TaskRule):
    """
    The prompt's Verify command is not the one that scores.

    What it finds: a Verify block none of whose lines is `tests.command`.
    Why it matters: CodingAgentBench's README said pytest while its verifier ran unittest: agents
      checked something else than what was scored.
    How to mend: write `tests.command` there.
    """

    code = "CAB403"
    name = "verify-differs"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("prompt.md", "PYTHONPATH=src python -m pytest", "pytest -q"),),
            Place("prompt.md", 15),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        text = bundle.text(PROMPT) or ""
        block = verify_block(text)
        if block is None:
            return
        said = text[block[0] : block[1]]
        command = manifest.tests.command.strip()
        if said.strip() != command and command not in map(str.strip, said.splitlines()):
            line = text.count("\n", 0, block[0]) + 1
            yield self.found(f"the task's command is {command!r}", Place(PROMPT, line))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        if bundle.manifest is None or not any(self.check(bundle)):
            return
        text = bundle.text(PROMPT) or ""
        if (block := verify_block(text)) is not None:
            command = bundle.manifest.tests.command.strip()
            new = f"{text[: block[0]]}{command}\n{text[block[1] :]}"
            yield self.fix(PROMPT, new.encode(), "wrote the task's command under Verify")
