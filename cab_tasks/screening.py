"""
screen_all(): what many mutants of one seed do to its suite, without making tasks of them.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from cab_tasks.ground import prepared_ground
from cab_tasks.station import Station
from cab_tasks.workbench import Doubts, bench_of, executor_for, options_of, plan_of, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cab_tasks.executors.contract import Executor
    from cab_tasks.ground import Ground, Request, Stages
    from cab_tasks.model import Mutant
    from cab_tasks.trial import Trial

_AHEAD = 4  # calls in the queue for each worker, so that none waits


def screen_all(
    request: Request, watcher: Stages, *, limit: int = 0, first_flip: bool = False
) -> Iterator[tuple[Mutant, Trial]]:
    """
    Every mutant of the seed with its trial, in the order of the sites; `limit` draws a sample.

    With `first_flip` a trial names the first test that fails, not all. The seed's build folders are
    held until the generator ends or is closed: who leaves it half-way and asks again waits for it.

    Raises:
        CabError: the seed cannot be taken, built, or is not green.
    """
    with prepared_ground(request, watcher) as ground:
        yield from _screen_all(request, ground, watcher, limit=limit, first_flip=first_flip)


def _screen_all(
    request: Request, ground: Ground, watcher: Stages, *, limit: int, first_flip: bool
) -> Iterator[tuple[Mutant, Trial]]:
    mutants = _sample(ground.sites.mutants, limit, request.seed_number)
    if not mutants:
        files, unreached = ground.sites.files, ground.sites.unreached
        watcher.warning(f"no site in {files} product files that tests reach; {unreached} unreached")
    if excluded := ground.baseline.excluded:
        first, why = next(iter(excluded.items()))
        watcher.warning(f"{len(excluded)} tests notice nothing here, first {first}: {why}")
    bench = bench_of(request, ground, options_of(request))
    with prepared(request, ground, bench, mutants, watcher) as ready:
        plan = plan_of(request, ground, bench, ready, first_flip=first_flip)
        with executor_for(request, ground, plan, mutants) as pool:
            doubts = Doubts(watcher)
            for mutant, trial in _in_order(pool, mutants):
                doubts.tell(trial)
                yield mutant, trial


def _in_order(pool: Executor, mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, Trial]]:
    """
    Results wait for those before them; the queue is short, so memory does not grow.
    """
    ready: dict[int, Trial] = {}
    sent = 0
    for number, mutant in enumerate(mutants):
        while number not in ready:
            while sent < len(mutants) and sent - number < _AHEAD * pool.workers:
                pool.submit(sent, Station.try_warm, mutants[sent])
                sent += 1
            key, trial = pool.next()
            ready[key] = trial
        yield mutant, ready.pop(number)


def _sample(mutants: Sequence[Mutant], limit: int, seed: int) -> tuple[Mutant, ...]:
    if not limit or limit >= len(mutants):
        return tuple(mutants)
    chosen = sorted(random.Random(seed).sample(range(len(mutants)), limit))
    return tuple(mutants[at] for at in chosen)
