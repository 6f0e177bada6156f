"""
Rule CAB313.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest

_WORDS = {"pytest": "pytest", "unittest": "unittest", "cargo": "cargo", "go": "go "}


class CommandFramework(TaskRule):
    """
    The command that runs the tests is not the framework's.

    What it finds: `tests.command` without the word that every run of `tests.framework` needs, and
      commands with an absolute path of a program.
    Why it matters: a log of one framework read as one of another names no test, and no test is
      never a pass.
    How to mend: correct `framework` or `command`; `exec` takes any command.
    """

    code = "CAB313"
    name = "command-framework"
    severity = Severity.WARNING
    examples = (
        Example(
            "rust",
            (
                Change("task.yaml", "command: cargo test", "command: make check"),
                Change("prompt.md", "cargo test", "make check"),
            ),
            Place("task.yaml", 20, 12),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        word = _WORDS.get(manifest.tests.framework)
        command = manifest.tests.command
        place = bundle.value("tests", "command")
        if word is not None and word not in command:
            yield self.found(f"no {word!r} in a command of {manifest.tests.framework}", place)
        for part in command.split():
            if part.startswith("/") and not part.startswith("/dev/"):
                yield self.found(f"{part!r} is a path of one machine", place)
