"""
What all workers share on one seed: the fast engine made ready, and the bench of its trials.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.assemble import TaskOptions
from cab_tasks.environment import lay_environment_files
from cab_tasks.errors import SandboxError, SeedEnvironmentError
from cab_tasks.executors.workers import WorkerPool, affordable
from cab_tasks.ground import targets
from cab_tasks.sandbox import has_walls
from cab_tasks.screen import prepare_screen
from cab_tasks.shipping import packed, unpacked
from cab_tasks.station import Station, StationPlan, setting_of
from cab_tasks.suite.build_folder import share_warm
from cab_tasks.trial import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from cab_tasks.executors.contract import Executor
    from cab_tasks.ground import Ground, Request, Stages
    from cab_tasks.model import Mutant
    from cab_tasks.screen import Prepared
    from cab_tasks.trial import Trial

_PROCESSES_EACH = 2  # as large as the suite's: a warm engine, and a mutant in it or a cold run


def options_of(request: Request) -> TaskOptions:
    return TaskOptions(
        visible=request.visible, prompt_level=request.prompt_level, date=request.date
    )


def bench_of(request: Request, ground: Ground, options: TaskOptions) -> Bench:
    """
    What all trials of this request share.
    """
    tree = ground.seed.tree
    return Bench(
        ground.seed,
        ground.environment,
        ground.baseline,
        {path: workspace.read(tree, path) for path in workspace.paths(tree)},
        options,
        {one.code(): one.summary() for one in request.mutators},
        request.policy,
        request.cache,
        request.max_broken,
        request.allow_hangs,
        ground.bytecode,
    )


@contextmanager
def prepared(
    request: Request,
    ground: Ground,
    bench: Bench,
    mutants: Sequence[Mutant],
    watcher: Stages,
) -> Iterator[Prepared | None]:
    """
    The fast engine for these mutants; None, with a warning, where it is not to be trusted.
    """
    watcher.stage("making the fast engine ready")
    with workspace.scratch() as folder:
        tree = folder / "tree"
        workspace.copy_tree(ground.seed.tree, tree)
        lay_environment_files(ground.environment, tree)
        setting = setting_of(bench, tree, warm=targets(request, ground)[0])
        try:
            ready = prepare_screen(setting, mutants)
        except (SeedEnvironmentError, SandboxError) as error:
            watcher.warning(f"no fast engine for this seed, plain runs only: {error}")
            ready = None
        try:
            yield ready
        finally:
            if ready is not None:
                ready.close()


class Doubts:
    """
    Says once that the fast engine is not used, or was not for some mutant; trials know why.
    """

    def __init__(self, watcher: Stages) -> None:
        self._watcher = watcher
        self._is_told = False

    def tell(self, trial: Trial) -> None:
        if trial.distrust and not self._is_told:
            self._is_told = True
            self._watcher.warning(f"the fast engine is not used, or was not: {trial.distrust}")


def workers_for(request: Request, ground: Ground) -> int:
    """
    As many of the wanted jobs as this machine can feed.
    """
    base = ground.baseline
    return affordable(
        request.jobs, cores_each=base.cores, bytes_each=_PROCESSES_EACH * base.peak_bytes
    )


def share_builds(request: Request, ground: Ground, watcher: Stages) -> None:
    """
    Let all workers on this machine start from what the baseline has built; without it, each builds
    what the seed depends on once more.
    """
    # Without walls, what is built knows the folder that it was built in.
    if request.executor != "local" or not has_walls(request.policy):
        return
    first, *others = targets(request, ground)[: workers_for(request, ground)]
    try:
        if first is not None:
            share_warm(first, [one for one in others if one is not None])
    except OSError as error:
        watcher.warning(f"each worker builds what the seed depends on: {error}")


def plan_of(
    request: Request,
    ground: Ground,
    bench: Bench,
    ready: Prepared | None,
    *,
    first_flip: bool = False,
) -> StationPlan:
    return StationPlan(bench, ready, tuple(targets(request, ground)), first_flip)


def executor_for(
    request: Request, ground: Ground, plan: StationPlan, mutants: Sequence[Mutant]
) -> AbstractContextManager[Executor]:
    """
    Where the trials of these mutants run, as `--executor` says.
    """
    workers = workers_for(request, ground)
    if request.executor == "local":
        return WorkerPool(functools.partial(Station, plan), workers)
    from cab_tasks.executors.ray import Need, RayPool

    base = ground.baseline
    parcel = packed(plan, mutants, None if request.address else request.cache)
    return RayPool(
        functools.partial(unpacked, parcel),
        address=request.address,
        workers=request.at_once if request.address else workers,
        need=Need(max(1, int(base.cores)), _PROCESSES_EACH * base.peak_bytes),
    )
