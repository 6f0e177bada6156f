"""
Rule CAB601.
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


class DigestsMissing(Rule):
    """
    There are no digests.

    What it finds: a bundle without `digests.txt`.
    Why it matters: a verdict names the digest of the bundle that it was made on; without, nobody
      can tell whether two scores are of the same task.
    How to mend: `cab-tasks lint --fix` writes them.
    """

    code = "CAB601"
    name = "digests-missing"
    severity = Severity.WARNING
    examples = (Example("python", (Change("digests.txt"),), Place("digests.txt")),)

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        if bundle.data(DIGESTS) is None:
            yield self.found("missing, not a plain file, or too large", Place(DIGESTS))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        if DIGESTS not in bundle.entries and is_hashed(bundle):
            yield self.fix(DIGESTS, bundle.digests(), "wrote it")
