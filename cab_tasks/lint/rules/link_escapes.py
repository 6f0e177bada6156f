"""
Rule CAB205.
"""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_TREES = ("workdir/", "hidden/tests/")


class LinkEscapes(Rule):
    """
    A symbolic link leads out of its tree.

    What it finds: links with an absolute target, with one outside of `workdir` (or
      `hidden/tests`), and any link elsewhere in the bundle.
    Why it matters: the link shows another file on every machine: a secret of the host, or the
      hidden tests.
    How to mend: replace the link by the file, or by a link inside the tree.
    """

    code = "CAB205"
    name = "link-escapes"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("workdir/notes", None, "../hidden/fix.patch", "120000"),),
            Place("workdir/notes"),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for path, entry in bundle.entries.items():
            if entry.mode == "120000" and (why := _fault(path, os.fsdecode(entry.data or b""))):
                yield self.found(why, Place(path))


def _fault(path: str, target: str) -> str:
    tree = next((tree for tree in _TREES if path.startswith(tree)), None)
    if tree is None:
        return "a link where the format has none"
    if target.startswith("/"):
        return f"leads to the absolute path {target!r}"
    end = posixpath.normpath(posixpath.join(posixpath.dirname(path[len(tree) :]), target))
    return f"leads out of {tree[:-1]} to {target!r}" if end.split("/")[0] == ".." else ""
