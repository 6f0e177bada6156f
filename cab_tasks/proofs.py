"""
Many bundles validated side by side: what bundles of one seed share is built and run once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.executors.local import LocalExecutor
from cab_tasks.judge import RunCache
from cab_tasks.sandbox import Policy
from cab_tasks.validate import Validation, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def validate_all(
    roots: Sequence[Path],
    cache: Path,
    *,
    repeat: int = 3,
    jobs: int = 1,
    policy: Policy = Policy.AUTO,
) -> Iterator[Validation]:
    """
    The verdict on each bundle, in the order given, each as soon as it is there.

    Build folders are fresh and gone at the end: a proof takes nothing from earlier work.
    """
    runs = RunCache()

    def one(root: Path, target: Path) -> Validation:
        return validate(root, cache, repeat=repeat, target=target, policy=policy, runs=runs)

    with workspace.scratch() as folder:
        slots = [folder / f"worker-{number}" for number in range(jobs)]
        with LocalExecutor(slots) as executor:
            futures = [
                executor.submit(lambda slot, root=root: one(root, slot))  # type: ignore[misc]
                for root in roots
            ]
            for future in futures:
                yield future.result()
