"""
generate(): seed → sites → mutants → trials → bundles. The only module that knows the order.
"""

from __future__ import annotations

import functools
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from cab_tasks import __version__, bundle, workspace
from cab_tasks.assemble import TaskOptions, assemble, task_id
from cab_tasks.environment import lay_environment_files
from cab_tasks.errors import BaselineError, UsageError
from cab_tasks.executors.local import LocalExecutor
from cab_tasks.ground import Ground, Request, Stages, content_key, prepare_ground, targets
from cab_tasks.journal import Journal
from cab_tasks.model import Outcome
from cab_tasks.mutants import Quota, Sampler
from cab_tasks.sandbox import Limits
from cab_tasks.sites import product_files
from cab_tasks.suite import run_suite
from cab_tasks.trial import Bench, Trial, draft_of, try_mutant
from mutators.base import Refusal, apply_edits

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from cab_tasks.assemble import Tree
    from cab_tasks.model import Mutant, Run
    from cab_tasks.recipe import Recipe

TRIALS_PER_TASK = 12  # more tries than this for one task: the suite notices too little


@dataclass(frozen=True, slots=True)
class Tried:
    """
    One trial in sampling order; `task` is the bundle's folder, None when it became none.
    """

    mutant: Mutant
    trial: Trial
    outcome: Outcome  # the trial's, or DUPLICATE of an earlier task
    task: Path | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """
    All that one `generate` did; `shortfall` says why there are fewer tasks than asked for.
    """

    ground: Ground
    tried: tuple[Tried, ...]
    shortfall: str = ""
    tasks: tuple[Path, ...] = field(default=())

    def outcomes(self) -> Counter[Outcome]:
        return Counter(one.outcome for one in self.tried)


class Watcher(Stages, Protocol):
    """
    Who shows progress; called from the main thread, in order.
    """

    def started(self, mutant: Mutant) -> None:
        """A trial begins."""

    def ended(self, tried: Tried) -> None:
        """A trial's place in the order is known."""


def generate(request: Request, watcher: Watcher) -> Report:
    """
    Make up to `count` tasks below `out`; each appears whole or not at all.

    Raises:
        CabError: the seed cannot be taken, built, or is not green.
    """
    ground = prepare_ground(request, watcher)
    bench = _bench(request, ground)
    path = _journal_path(request, ground)
    # One at a time: a second run of the same work would write the same journal and bundles.
    with workspace.lock(path.with_suffix(".lock")):
        workspace.remove_partial(request.out / "mutations")
        journal = Journal(path, resume=request.resume)
        try:
            return _Generation(request, ground, bench, journal, watcher).run()
        finally:
            journal.close()


def generate_recipe(request: Request, recipe: Recipe, watcher: Watcher) -> Report:
    """
    The one task that a recipe describes, by the same trial as any other.

    Raises:
        BaselineError: the mutant is not caught as a task must be.
        UsageError: not exactly one mutant fits the recipe's place.
    """
    ground = prepare_ground(request, watcher)
    mutant = _recipe_mutant(ground, recipe)
    options = TaskOptions(
        visible=recipe.visibility == "visible",
        prompt_level=recipe.prompt_level,
        date=request.date or str(recipe.task_added_date or ""),
        task_id=recipe.task_id,
        title=recipe.title,
        mutation=recipe.mutation,
        max_turns=recipe.max_turns,
        timeout_s=recipe.timeout_s,
        constraints=recipe.constraints,
    )
    bench = replace(_bench(request, ground), options=lambda _: options)
    watcher.started(mutant)
    trial = try_mutant(bench, mutant, targets(request, ground)[0])
    if trial.outcome is not Outcome.CAUGHT:
        raise BaselineError(f"{recipe.task_id}: {trial.outcome}, {trial.detail or 'no task'}")
    task = _write_task(request, bench, mutant, trial)
    tried = Tried(mutant, trial, trial.outcome, task)
    watcher.ended(tried)
    return Report(ground, (tried,), tasks=(task,))


def _recipe_mutant(ground: Ground, recipe: Recipe) -> Mutant:
    data = dict(product_files(ground.seed)).get(recipe.place.path, b"")
    fitting = [
        mutant
        for mutant in ground.sites.mutants
        if (mutant.mutator, mutant.symbol) == (recipe.mutator, recipe.place.symbol)
        and mutant.path == recipe.place.path
        and recipe.makes(mutant.path, data, apply_edits(data, mutant.edits))
    ]
    if len(fitting) != 1:
        raise UsageError(f"{recipe.task_id}: {len(fitting)} mutants fit its place, not one")
    return fitting[0]


class _Generation:
    """
    The loop over trials: picks in order, runs side by side, accepts in order.
    """

    def __init__(
        self, request: Request, ground: Ground, bench: Bench, journal: Journal, watcher: Watcher
    ) -> None:
        self._request = request
        self._ground = ground
        self._bench = bench
        self._journal = journal
        self._watcher = watcher
        quota = Quota.of(request.count, request.max_share, common_share=request.common_share)
        self._sampler = Sampler(
            ground.sites.mutants, quota, request.seed_number, ground.baseline.reach
        )
        self._tried: list[Tried] = []
        self._tasks: list[Path] = []
        self._seen: set[tuple[str, str, tuple[str, ...]]] = set()

    def run(self) -> Report:
        running: deque[tuple[Mutant, Future[Trial]]] = deque()
        picked = 0
        most = self._request.count * TRIALS_PER_TASK
        with LocalExecutor(targets(self._request, self._ground)) as executor:
            while len(self._tasks) < self._request.count:
                while picked < most and len(running) < self._request.jobs:
                    mutant = self._sampler.next()
                    if mutant is None:
                        break
                    picked += 1
                    self._watcher.started(mutant)
                    running.append((mutant, executor.submit(functools.partial(self._try, mutant))))
                if not running:
                    break
                mutant, future = running.popleft()
                self._settle(mutant, future.result())
        return Report(
            self._ground, tuple(self._tried), self._shortfall(picked >= most), tuple(self._tasks)
        )

    def _try(self, mutant: Mutant, target: Path | None) -> Trial:
        known = self._journal.get(mutant.fingerprint)
        return known if known is not None else try_mutant(self._bench, mutant, target)

    def _settle(self, mutant: Mutant, trial: Trial) -> None:
        if self._journal.get(mutant.fingerprint) is None:
            self._journal.add(mutant.fingerprint, trial)
        outcome, task = trial.outcome, None
        if outcome is Outcome.CAUGHT:
            key = (mutant.path, mutant.symbol, tuple(sorted(trial.broken)))
            if key in self._seen:
                outcome = Outcome.DUPLICATE
            else:
                self._seen.add(key)
                task = _write_task(self._request, self._bench, mutant, trial)
                self._tasks.append(task)
        tried = Tried(mutant, trial, outcome, task)
        self._tried.append(tried)
        # A twin was caught: its mutator is good, there is only no second task in it.
        self._sampler.tell(trial.outcome, accepted=task is not None)
        self._watcher.ended(tried)

    def _shortfall(self, out_of_trials: bool) -> str:
        missing = self._request.count - len(self._tasks)
        if missing <= 0:
            return ""
        if out_of_trials:
            return f"{missing} short: {len(self._tried)} trials made, that is the limit"
        if not self._ground.sites.mutants:
            return f"{missing} short: no site in the {self._ground.sites.files} product files"
        if len(self._tried) == len(self._ground.sites.mutants):
            return f"{missing} short: every one of the {len(self._tried)} mutants was tried"
        most = f"a mutator may make {self._request.max_share:.0%} of the tasks (--max-share)"
        return f"{missing} short: the rest is of kinds that made their share already; {most}"


def _write_task(request: Request, bench: Bench, mutant: Mutant, trial: Trial) -> Path:
    draft = draft_of(bench, mutant, trial)
    files = assemble(draft, bench.tree)
    if isinstance(files, Refusal):
        raise AssertionError(f"{mutant.path}:{mutant.line}: proven, then refused: {files.reason}")
    name = draft.options.task_id or task_id(bench.seed, mutant)
    return place_bundle(request.out / name, files, force=request.force)


def place_bundle(target: Path, files: Tree, *, force: bool) -> Path:
    """
    Write a bundle so that it appears whole or not at all. One that is there already, and equal,
    is left alone.

    Raises:
        UsageError: another bundle stands there, and `force` is off.
    """
    with workspace.place(target) as beside:
        workspace.write_tree(beside, files)
        workspace.write(beside, bundle.DIGESTS, bundle.digest_lines(beside))
        same = bundle.bundle_digest(target) == bundle.bundle_digest(beside)
        if target.exists() and not same and not force:
            raise UsageError(f"{target}: another bundle stands here; --force replaces it")
    return target


def _bench(request: Request, ground: Ground) -> Bench:
    seed, base = ground.seed, ground.baseline
    summaries = {one.code(): one.summary() for one in request.mutators}

    def options(mutant: Mutant) -> TaskOptions:
        return TaskOptions(
            visible=request.visible,
            prompt_level=request.prompt_level,
            date=request.date,
            mutation=summaries[mutant.mutator],
        )

    def run(tree: Path, target: Path | None) -> Run:
        lay_environment_files(ground.environment, tree)
        return run_suite(
            seed.suite,
            ground.environment,
            tree,
            limits=Limits(timeout_s=base.suite_timeout_s()),
            test_timeout_s=base.test_timeout_s(),
            target=target,
            policy=request.policy,
        )

    tree = {path: workspace.read(seed.tree, path) for path in workspace.paths(seed.tree)}
    return Bench(
        seed,
        ground.environment,
        base,
        tree,
        options,
        run,
        request.policy,
        request.cache,
        request.max_broken,
        request.allow_hangs,
    )


def _journal_path(request: Request, ground: Ground) -> Path:
    """
    Named by all that a trial's result depends on, but the mutant.
    """
    key = content_key(
        ground.seed.tree_hash, ground.environment.key, ground.seed.suite, request.visible,
        request.prompt_level, request.max_broken, request.allow_hangs, request.date,
        sorted(ground.baseline.green), __version__,
    )  # fmt: skip
    return request.cache / "journals" / f"{key}.jsonl"
