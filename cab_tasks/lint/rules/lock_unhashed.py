"""
Rule CAB707.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

REQUIREMENTS = "environment/requirements.txt"
CARGO_LOCK = "environment/Cargo.lock"
_PACKAGE = re.compile(r"(?m)^\[\[package\]\]\n(?:[^\[\n].*\n|\n)*")


class LockUnhashed(Rule):
    """
    A locked dependency has no hash.

    What it finds: lines of `environment/requirements.txt` without `--hash`, and packages of
      `environment/Cargo.lock` from a registry without a checksum.
    Why it matters: whoever serves the package decides what the tests run on.
    How to mend: lock with hashes: `uv pip compile --generate-hashes`, `cargo generate-lockfile`.
    """

    code = "CAB707"
    name = "lock-unhashed"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("environment/requirements.txt", None, "# locked\niniconfig==2.1.0\n"),),
            Place("environment/requirements.txt", 2),
        ),
        Example(
            "rust",
            (Change("environment/Cargo.lock", "checksum =", "sum ="),),
            Place("environment/Cargo.lock", 8),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        text = bundle.text(REQUIREMENTS) or ""
        for number, line in _requirements(text):
            if "--hash=" not in line:
                yield self.found(f"{line.split()[0]!r} has no hash", Place(REQUIREMENTS, number))
        text = bundle.text(CARGO_LOCK) or ""
        for found in _PACKAGE.finditer(text):
            if 'source = "registry+' in found[0] and "\nchecksum = " not in found[0]:
                line_number = text.count("\n", 0, found.start()) + 1
                yield self.found("no checksum", Place(CARGO_LOCK, line_number))


def _requirements(text: str) -> Iterator[tuple[int, str]]:
    """
    Line number and text of each requirement, its continued lines joined.
    """
    joined, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first if joined else number
        joined += " " + line.strip().removesuffix("\\")
        if not line.rstrip().endswith("\\"):
            if (whole := joined.strip()) and not whole.startswith(("#", "-")):
                yield first, whole
            joined = ""
