"""
Rule CAB206.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class CaseCollision(Rule):
    """
    Two paths differ only by case.

    What it finds: files, or folders on their way, whose names are equal once case and Unicode
      form are set aside.
    Why it matters: macOS and Windows keep only one of the two: the task is another one there.
    How to mend: rename one, or leave it out of the seed.
    """

    code = "CAB206"
    name = "case-collision"
    severity = Severity.WARNING
    examples = (
        Example(
            "python", (Change("workdir/readme.md", None, "# sums\n"),), Place("workdir/readme.md")
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        seen: dict[str, str] = {}
        for path in bundle.entries:
            first = seen.setdefault(_folded(path), path)
            if first != path:
                yield self.found(f"on some systems the same as {first!r}", Place(path))


def _folded(path: str) -> str:
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()
