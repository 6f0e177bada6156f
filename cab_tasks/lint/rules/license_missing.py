"""
Rule CAB704.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class LicenseMissing(TaskRule):
    """
    The task does not say under which licence its code is.

    What it finds: a `license` that is absent, empty, `NOASSERTION` or `NONE`.
    Why it matters: without one nobody may pass the task on.
    How to mend: find the seed's licence and write its SPDX id (`MIT`, `Apache-2.0 OR MIT`).
    """

    code = "CAB704"
    name = "license-missing"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (Change("task.yaml", "license: MIT", "license: NOASSERTION"),),
            Place("task.yaml", 9, 10),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        if manifest.license.strip() in ("", "NOASSERTION", "NONE"):
            yield self.found("no licence is stated", bundle.value("license"))
