"""
Rule CAB210.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_TREES = ("workdir/", "hidden/tests/")


class ExecutableBit(Rule):
    """
    A file of the bundle itself is executable.

    What it finds: the executable bit on anything outside of `workdir` and `hidden/tests`.
    Why it matters: modes are part of the digest: the bit comes from a file system that does not
      keep them, and goes with the next copy.
    How to mend: `chmod 644` the file.
    """

    code = "CAB210"
    name = "executable-bit"
    severity = Severity.WARNING
    examples = (Example("python", (Change("prompt.md", mode="100755"),), Place("prompt.md")),)

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path, entry in bundle.entries.items():
            if entry.mode == "100755" and not path.startswith(_TREES):
                yield self.found("is executable", Place(path))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        for path, entry in bundle.entries.items():
            if entry.mode == "100755" and not path.startswith(_TREES) and entry.data is not None:
                yield self.fix(path, entry.data, "took its executable bit away")
