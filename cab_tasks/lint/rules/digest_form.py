"""
Rule CAB604.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import DIGESTS
from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.remade import is_hashed
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class DigestForm(Rule):
    """
    `digests.txt` is not in its form.

    What it finds: bytes that are not UTF-8, lines that are not `sha256  mode  path`, paths out of
      order, a missing line end.
    Why it matters: the digest of the whole bundle is the hash of these bytes: another form,
      another digest.
    How to mend: `cab-tasks lint --fix` writes it in its form.
    """

    code = "CAB604"
    name = "digest-form"
    severity = Severity.ERROR
    examples = (
        Example(
            "rust",
            (Change("digests.txt", "  100644  task.yaml", " 100644 task.yaml"),),
            Place("digests.txt", 10),
            stale=True,
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        data = bundle.data(DIGESTS)
        if data is None or bundle.has_right_digests:
            return
        before = ""
        for number, (_, _, path) in enumerate(bundle.digest_lines, 1):
            if not path:
                yield self.found("not `sha256  mode  path`", Place(DIGESTS, number))
            elif path < before:
                yield self.found(f"{path!r} is out of order", Place(DIGESTS, number))
            before = path or before
        if data and not data.endswith(b"\n"):
            yield self.found("no line end at the end", Place(DIGESTS, len(bundle.digest_lines)))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        if any(self.check(bundle)) and is_hashed(bundle):
            yield self.fix(DIGESTS, bundle.digests(), "wrote it in its form")
