"""
Rule CAB007.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_FILES = ("task.yaml", "prompt.md", "AGENTS.md", "digests.txt")
_MARK = b"\xef\xbb\xbf"


class ByteOrderMark(Rule):
    """
    A file of the bundle starts with a byte-order mark.

    What it finds: the bytes EF BB BF at the start of `task.yaml`, `prompt.md`, `AGENTS.md` or
      `digests.txt`.
    Why it matters: the mark is invisible, and becomes part of the first key, heading or digest.
    How to mend: save the file as UTF-8 without a mark.
    """

    code = "CAB007"
    name = "byte-order-mark"
    severity = Severity.WARNING
    examples = (
        Example(
            "python", (Change("task.yaml", "schema:", b"\xef\xbb\xbfschema:"),), Place("task.yaml")
        ),
        Example(
            "rust", (Change("prompt.md", "# halves", b"\xef\xbb\xbf# halves"),), Place("prompt.md")
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path in _FILES:
            if (bundle.data(path) or b"").startswith(_MARK):
                yield self.found("starts with a byte-order mark", Place(path))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        for path in _FILES:
            data = bundle.data(path) or b""
            if data.startswith(_MARK):
                yield self.fix(path, data.removeprefix(_MARK), "took the byte-order mark away")
