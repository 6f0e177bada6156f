"""
Rule CAB209.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_FILES = frozenset(
    ("task.yaml", "prompt.md", "AGENTS.md", "digests.txt", "hidden/tests.json",
     "hidden/fix.patch", "hidden/evidence.json")
)  # fmt: skip
_FOLDERS = ("workdir/", "environment/", "hidden/tests/", "hidden/infile/", "hidden/twins/")


class UnknownFile(Rule):
    """
    A file that is no part of the format.

    What it finds: files beside `task.yaml`, `prompt.md`, `AGENTS.md`, `digests.txt`, `workdir/`,
      `environment/` and `hidden/`, and unknown ones in `hidden/`.
    Why it matters: it is laid before nobody, and often is a leftover of an editor, or the answer.
    How to mend: delete it, or move it to where it belongs.
    """

    code = "CAB209"
    name = "unknown-file"
    severity = Severity.WARNING
    examples = (
        Example("python", (Change("notes.txt", None, "to do\n"),), Place("notes.txt")),
        Example("python", (Change("hidden/answer.py", None, "1\n"),), Place("hidden/answer.py")),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path, entry in bundle.entries.items():
            if path not in _FILES and not path.startswith(_FOLDERS) and not entry.problem:
                yield self.found("no part of a bundle", Place(path))
