"""
Rule CAB502.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import FIX
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class FixUnreadable(Rule):
    """
    The reference fix is no unified diff.

    What it finds: a `hidden/fix.patch` that cannot be taken apart, has CR LF in its headers, or
      touches paths outside of the repository.
    Why it matters: `git apply` and `patch -p1` must both take it.
    How to mend: write it with `git diff`, with the prefixes `a/` and `b/`.
    """

    code = "CAB502"
    name = "fix-unreadable"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("hidden/fix.patch", "--- a/src/sums.py\n", ""),),
            Place("hidden/fix.patch"),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        patch = bundle.patch
        if patch is None:
            return
        if patch.problem:
            yield self.found(patch.problem, Place(FIX))
            return
        for path in patch.paths:
            if path.startswith("/") or ".." in path.split("/") or path.endswith("\r"):
                yield self.found(f"touches {path!r}", bundle.find(FIX, path))
