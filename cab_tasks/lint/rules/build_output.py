"""
Rule CAB802.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

_OUTPUT = re.compile(
    r"/(__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.hypothesis|\.tox|\.nox|\.venv"
    r"|node_modules|target/(?:debug|release)|htmlcov|\.coverage|\.DS_Store)(?=[/\0]|$)"
)
_BYTECODE = re.compile(r"\.py[co](?=\0|$)")


class BuildOutput(Rule):
    """
    Caches, bytecode or build output are in the bundle.

    What it finds: `__pycache__`, `.pyc`, caches of pytest, mypy, ruff, tox and hypothesis,
      virtual environments, `node_modules`, `target/debug`, coverage data.
    Why it matters: bytecode and build output are made of the right code, and can be read; caches
      tell which tests failed.
    How to mend: delete them.
    """

    code = "CAB802"
    name = "build-output"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("workdir/src/sums.pyc", None, b"\xcb\r\r\n"),),
            Place("workdir/src/sums.pyc"),
        ),
        Example(
            "rust",
            (Change("workdir/target/debug/halves.d", None, "src/lib.rs\n"),),
            Place("workdir/target/debug/halves.d"),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        if not (_OUTPUT.search(bundle.listing) or _BYTECODE.search(bundle.listing)):
            return
        for path in bundle.entries:
            if found := _OUTPUT.search(f"/{path}"):
                yield self.found(f"{found[1]} is made by tools", Place(path))
            elif _BYTECODE.search(path):
                yield self.found("bytecode", Place(path))
