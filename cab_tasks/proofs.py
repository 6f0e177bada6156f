"""
Many bundles validated side by side: what bundles of one seed share is built and run once.
"""

from __future__ import annotations

import functools
import os
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.executors.workers import WorkerPool
from cab_tasks.judge import RunCache
from cab_tasks.sandbox import Policy, SandboxWarning
from cab_tasks.sandbox.bare import sweep
from cab_tasks.sandbox.processes import owner_prefix
from cab_tasks.validate import Validation, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def validate_all(
    roots: Sequence[Path],
    cache: Path,
    *,
    repeat: int = 3,
    jobs: int = 1,
    policy: Policy = Policy.AUTO,
    finished: Callable[[Validation], object] = lambda _: None,
) -> Iterator[Validation]:
    """
    The verdict on each bundle, in the order given; `finished` hears of each as soon as it is there.

    Build folders are fresh and gone at the end: a proof takes nothing from earlier work.
    """
    with _room() as room:
        plan = _Plan(room, cache, repeat, policy)
        verdicts = _verdicts(roots, plan, min(jobs, len(roots)))
        waiting: dict[int, Validation] = {}
        turn = 0
        for number, validation in verdicts:
            finished(validation)
            waiting[number] = validation
            while turn in waiting:
                yield waiting.pop(turn)
                turn += 1


@dataclass(frozen=True, slots=True)
class _Plan:
    """
    All that a worker needs to know; it can be pickled.
    """

    room: Path
    cache: Path
    repeat: int
    policy: Policy


def _verdicts(roots: Sequence[Path], plan: _Plan, jobs: int) -> Iterator[tuple[int, Validation]]:
    """
    Number and verdict of each bundle as they are made; with one job, in this process.
    """
    if jobs <= 1:
        desk = _Desk(plan, 0)
        yield from ((number, desk.validate(root)) for number, root in enumerate(roots))
        return
    with WorkerPool(functools.partial(_hired, plan), jobs) as pool:
        for number, root in enumerate(roots):
            pool.submit(number, _Desk.validate, root)
        for _ in roots:
            yield pool.next()


def _hired(plan: _Plan, number: int) -> _Desk:
    """
    The desk of a process of its own. What all of them have to warn of, one says.
    """
    warnings.formatwarning = lambda message, *_, **_more: f"warning: {message}\n"
    if number:
        warnings.simplefilter("ignore", SandboxWarning)
    return _Desk(plan, number)


class _Desk:
    """
    What one worker keeps between bundles: runs that they share, and a warm build folder.
    """

    def __init__(self, plan: _Plan, number: int) -> None:
        tempfile.tempdir = str(plan.room)
        self._plan = plan
        self._target = plan.room / f"worker-{number}"
        self._runs = RunCache()

    def validate(self, root: Path) -> Validation:
        plan = self._plan
        return validate(
            root,
            plan.cache,
            repeat=plan.repeat,
            target=self._target,
            policy=plan.policy,
            runs=self._runs,
        )

    def close(self) -> None:
        """Its folder goes with the room."""


@contextmanager
def _room() -> Iterator[Path]:
    """
    One folder around all that is temporary: what is killed leaves just it, and the next one sweeps.
    """
    sweep()
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix=f"{owner_prefix()}{os.getpid()}-") as folder:
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before
