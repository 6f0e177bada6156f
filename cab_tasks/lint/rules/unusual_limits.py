"""
Rule CAB109.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest

TURNS_MAX = 200  # CodingAgentBench has 6 to 10; the longest public agent runs stay below 200
DAY_S = 86_400
MEMORY_MIN_MB = 64  # an interpreter with pytest takes 40


class UnusualLimits(TaskRule):
    """
    Limits that contradict each other, or that no run will keep.

    What it finds: more than 200 turns, more than a day, a test that may take longer than its
      suite, memory below 64 MB.
    Why it matters: such numbers come from a wrong unit: milliseconds for seconds, bytes for
      megabytes.
    How to mend: correct the number; a task that needs it lists this code under `lint: ignore`.
    """

    code = "CAB109"
    name = "unusual-limits"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (Change("task.yaml", "timeout_s: 600", "timeout_s: 600000"),),
            Place("task.yaml", 12, 12),
        ),
        Example(
            "python",
            (Change("task.yaml", "test_timeout_s: 10", "test_timeout_s: 100"),),
            Place("task.yaml", 36, 19),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        limits = manifest.limits
        if manifest.max_turns > TURNS_MAX:
            yield self.found(f"more than {TURNS_MAX} turns", bundle.value("max_turns"))
        if manifest.timeout_s > DAY_S:
            yield self.found("more than a day", bundle.value("timeout_s"))
        if limits.suite_timeout_s > DAY_S:
            yield self.found("more than a day", bundle.value("limits", "suite_timeout_s"))
        if limits.test_timeout_s > limits.suite_timeout_s:
            message = f"longer than the suite's {limits.suite_timeout_s} s"
            yield self.found(message, bundle.value("limits", "test_timeout_s"))
        if limits.memory_mb < MEMORY_MIN_MB:
            yield self.found(f"less than {MEMORY_MIN_MB} MB", bundle.value("limits", "memory_mb"))
