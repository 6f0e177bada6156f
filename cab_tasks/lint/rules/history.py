"""
Rule CAB801.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_HISTORY = re.compile(r"/(\.(?:git|hg|svn|bzr|jj))(?:[/\0]|$)")


class History(Rule):
    """
    The repository's history is in the bundle.

    What it finds: files of `.git`, `.hg`, `.svn`, `.bzr` or `.jj` in any folder.
    Why it matters: the history holds the right code: the answer is one command away.
    How to mend: delete it; `cab-tasks prepare` makes a repository of one commit.
    """

    code = "CAB801"
    name = "history"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("workdir/.git/HEAD", None, "ref: refs/heads/main\n"),),
            Place("workdir/.git/HEAD"),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path in bundle.entries if _HISTORY.search(bundle.listing) else ():
            if found := _HISTORY.search(f"/{path}"):
                yield self.found(f"{found[1]} holds the history", Place(path))
