"""
Rule CAB207.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

# Surrogates are how Python shows bytes of a name that are not UTF-8.
_ODD = re.compile("[\x01-\x1f\x7f\\\\\ud800-\udfff]|[ .](?=[/\0]|$)")
_ENDS = ("\\", " /", "./", " \0", ".\0")


class OddName(Rule):
    """
    A file name that not every system or tool can hold.

    What it finds: names that are not UTF-8, hold control characters (a line feed among them) or a
      backslash, are longer than 255 bytes, or end in a blank or dot.
    Why it matters: digests, patches and archives write names as lines of text; such a name breaks
      them or is read as two.
    How to mend: rename the file.
    """

    code = "CAB207"
    name = "odd-name"
    severity = Severity.ERROR
    examples = (
        Example("python", (Change("workdir/a\\b.txt", None, "text\n"),), Place("workdir/a\\b.txt")),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        # Looking for what is odd takes ten times as long as knowing that nothing is.
        names = "".join(bundle.entries)
        if names.isprintable() and not any(end in bundle.listing for end in _ENDS):
            return
        for path in bundle.entries:
            if found := _ODD.search(path):
                yield self.found(f"its name has {found[0]!a}", Place(path))
