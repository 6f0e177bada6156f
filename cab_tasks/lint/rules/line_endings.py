"""
Rule CAB008.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_FILES = ("task.yaml", "prompt.md", "AGENTS.md", "digests.txt")


class LineEndings(Rule):
    """
    A file of the bundle has Windows line ends.

    What it finds: a carriage return before a line feed in `task.yaml`, `prompt.md`, `AGENTS.md` or
      `digests.txt`; the files of the repository itself keep what they have.
    Why it matters: a Verify command that ends in an invisible character fails in a shell.
    How to mend: save the file with Unix line ends.
    """

    code = "CAB008"
    name = "line-endings"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (Change("prompt.md", "[1, 3])`\n", "[1, 3])`\r\n"),),
            Place("prompt.md", 5),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path in _FILES:
            data = bundle.data(path) or b""
            if (at := data.find(b"\r\n")) >= 0:
                line = data.count(b"\n", 0, at) + 1
                yield self.found("a line ends in CR LF", Place(path, line))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        for path in _FILES:
            data = bundle.data(path) or b""
            if b"\r\n" in data:
                yield self.fix(path, data.replace(b"\r\n", b"\n"), "made its line ends LF")
