"""
Rule CAB706.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest

LOCKS = {"python": "environment/requirements.txt", "rust": "environment/Cargo.lock"}


class EnvironmentMissing(TaskRule):
    """
    The task does not say what it runs in.

    What it finds: a task to be repaired without the lock of its language in `environment/`:
      `requirements.txt` for Python, `Cargo.lock` for Rust.
    Why it matters: in a year other versions of its dependencies are installed, and other tests
      fail.
    How to mend: generate the task, or write the lock with hashes (`uv pip compile
      --generate-hashes`).
    """

    code = "CAB706"
    name = "environment-missing"
    severity = Severity.WARNING
    examples = (
        Example("rust", (Change("environment/Cargo.lock"),), Place("environment/Cargo.lock")),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        lock = LOCKS.get(manifest.language)
        if manifest.family != "integrity" and lock and lock not in bundle.entries:
            yield self.found("missing", Place(lock))
