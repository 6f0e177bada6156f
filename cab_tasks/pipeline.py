"""
generate(): seed → sites → mutants → trials → bundles. The only module that knows the order.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cab_tasks import __version__, bundle, workspace
from cab_tasks.assemble import TaskOptions, assemble, task_id
from cab_tasks.errors import BaselineError, UsageError
from cab_tasks.ground import Ground, Request, Stages, content_key, prepared_ground, targets
from cab_tasks.journal import PROVEN, WARM, Journal
from cab_tasks.model import Outcome
from cab_tasks.mutants import Quota, Sampler
from cab_tasks.sites import product_files
from cab_tasks.station import Station
from cab_tasks.trial import Proof, Trial, draft_of, prove, try_plain
from cab_tasks.workbench import (
    Doubts,
    bench_of,
    executor_for,
    options_of,
    plan_of,
    prepared,
    share_builds,
)
from mutators.base import Refusal, apply_edits

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.assemble import Tree
    from cab_tasks.executors.contract import Executor
    from cab_tasks.model import Mutant
    from cab_tasks.recipe import Recipe
    from cab_tasks.trial import Bench

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

    def lanes(self) -> Counter[str]:
        """
        How many mutants the fast engine decided, by lane.
        """
        return Counter(one.trial.lane for one in self.tried if one.trial.lane)

    def disagreements(self) -> tuple[Tried, ...]:
        """
        Where a cold run contradicted the fast engine, and a plain one took its side.
        """
        return tuple(one for one in self.tried if one.trial.differs and one.trial.lane)


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
    with prepared_ground(request, watcher) as ground:
        return _generate(request, ground, watcher)


def _generate(request: Request, ground: Ground, watcher: Watcher) -> Report:
    bench = bench_of(request, ground, options_of(request))
    path = _journal_path(request, ground)
    # One at a time: a second run of the same work would write the same journal and bundles.
    with (
        workspace.lock(path.with_suffix(".lock")),
        prepared(request, ground, bench, ground.sites.mutants, watcher) as ready,
    ):
        workspace.remove_partial(request.out / "mutations")
        journal = Journal(path, resume=request.resume)
        share_builds(request, ground, watcher)
        plan = plan_of(request, ground, bench, ready)
        try:
            with executor_for(request, ground, plan, ground.sites.mutants) as executor:
                return _Generation(request, ground, bench, journal, watcher, executor).run()
        finally:
            journal.close()


def generate_recipe(request: Request, recipe: Recipe, watcher: Watcher) -> Report:
    """
    The one task that a recipe describes, by the same trial as any other.

    Raises:
        BaselineError: the mutant is not caught as a task must be.
        UsageError: not exactly one mutant fits the recipe's place.
    """
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
    with prepared_ground(request, watcher) as ground:
        return _generate_recipe(request, ground, recipe, options, watcher)


def _generate_recipe(
    request: Request, ground: Ground, recipe: Recipe, options: TaskOptions, watcher: Watcher
) -> Report:
    mutant = _recipe_mutant(ground, recipe)
    bench = bench_of(request, ground, options)
    watcher.started(mutant)
    target = targets(request, ground)[0]
    trial = try_plain(bench, mutant, target)
    proof = prove(bench, mutant, trial, target) if trial.outcome is Outcome.CAUGHT else Proof(trial)
    trial = proof.trial
    if proof.files is None:
        raise BaselineError(f"{recipe.task_id}: {trial.outcome}, {trial.detail or 'no task'}")
    task = _write_task(request, bench, mutant, proof)
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


@dataclass(slots=True)
class _Pick:
    """
    One mutant on its way: `warm` and `proof` as far as they are known.
    """

    mutant: Mutant
    warm: Trial | None = None
    proof: Proof | None = None
    is_proving: bool = False

    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """
        Of two mutants with one key, only one becomes a task: the same tests fail by one function.
        """
        broken = self.warm.broken if self.warm is not None else {}
        return self.mutant.path, self.mutant.symbol, tuple(sorted(broken))


class _Generation:
    """
    The loop over mutants: picks in order, runs side by side, accepts in order.
    """

    def __init__(
        self,
        request: Request,
        ground: Ground,
        bench: Bench,
        journal: Journal,
        watcher: Watcher,
        executor: Executor,
    ) -> None:
        self._request = request
        self._ground = ground
        self._bench = bench
        self._journal = journal
        self._watcher = watcher
        self._executor = executor
        self._quota = Quota.of(request.count, request.max_share, common_share=request.common_share)
        self._sampler = Sampler(
            ground.sites.mutants, self._quota, request.seed_number, ground.baseline.reach
        )
        self._picks: deque[_Pick] = deque()  # in order, those without a settled outcome
        self._picked = 0
        self._doubts = Doubts(watcher)
        self._tried: list[Tried] = []
        self._tasks: list[Path] = []
        self._seen: set[tuple[str, str, tuple[str, ...]]] = set()

    def run(self) -> Report:
        most = self._request.count * TRIALS_PER_TASK
        while len(self._tasks) < self._request.count:
            self._pick(most)
            if not self._picks:
                break
            if not self._settle_first():
                self._take_result()
        return Report(
            self._ground,
            tuple(self._tried),
            self._shortfall(self._picked >= most),
            tuple(self._tasks),
        )

    def _pick(self, most: int) -> None:
        while self._picked < most and len(self._picks) < self._quota.lag():
            mutant = self._sampler.next()
            if mutant is None:
                return
            self._picked += 1
            self._watcher.started(mutant)
            pick = _Pick(mutant, self._journal.warm(mutant.fingerprint))
            self._picks.append(pick)
            if pick.warm is None:
                self._executor.submit((WARM, mutant.fingerprint), Station.try_warm, mutant)
            else:
                self._prove_if_new(pick)

    def _take_result(self) -> None:
        """
        Wait for one result; it may be of any pick.
        """
        (stage, fingerprint), result = self._executor.next()
        self._journal.add(fingerprint, stage, result if stage == WARM else result.trial)
        pick = next((one for one in self._picks if one.mutant.fingerprint == fingerprint), None)
        if pick is None:
            return  # a twin whose proof began, and was not waited for
        if stage == WARM:
            pick.warm = result
            self._prove_if_new(pick)
        else:
            pick.proof = result

    def _prove_if_new(self, pick: _Pick) -> None:
        """
        Begin a proof, unless a task has this key already, or another pick is being proven.
        """
        if pick.warm is None or pick.warm.outcome is not Outcome.CAUGHT or pick.is_proving:
            return
        key = pick.key()
        if key in self._seen or any(one.is_proving and one.key() == key for one in self._picks):
            return
        self._prove(pick)

    def _prove(self, pick: _Pick) -> None:
        pick.is_proving = True
        fingerprint = pick.mutant.fingerprint
        known = self._journal.proven(fingerprint)
        if known is not None:
            pick.proof = Proof(known)
        else:
            self._executor.submit((PROVEN, fingerprint), Station.prove, pick.mutant, pick.warm)

    def _settle_first(self) -> bool:
        """
        Whether the oldest pick's outcome is known; it then leaves the queue.
        """
        pick = self._picks[0]
        if pick.warm is None:
            return False
        if pick.warm.outcome is not Outcome.CAUGHT:
            self._settle(pick, Proof(pick.warm))
        elif pick.key() in self._seen:
            self._settle(pick, Proof(pick.warm), is_twin=True)
        elif pick.proof is not None:
            self._settle(pick, pick.proof)
        else:
            if not pick.is_proving:  # the twin that was proven in its place came to nothing
                self._prove(pick)
            return pick.proof is not None
        self._picks.popleft()
        return True

    def _settle(self, pick: _Pick, proof: Proof, *, is_twin: bool = False) -> None:
        mutant, trial = pick.mutant, proof.trial
        outcome, task = Outcome.DUPLICATE if is_twin else trial.outcome, None
        if outcome is Outcome.CAUGHT:
            self._seen.add(pick.key())
            task = _write_task(self._request, self._bench, mutant, proof)
            self._tasks.append(task)
        tried = Tried(mutant, trial, outcome, task)
        self._tried.append(tried)
        self._doubts.tell(trial)
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
        share = f"a mutator may make {self._request.max_share:.0%} of the tasks (--max-share)"
        common = (
            f"those that every tool has {self._request.common_share:.0%}, or all with --mutator"
        )
        return f"{missing} short: the rest is of kinds that made their share; {share}, {common}"


def _write_task(request: Request, bench: Bench, mutant: Mutant, proof: Proof) -> Path:
    draft = draft_of(bench, mutant, proof.trial)
    files = proof.files if proof.files is not None else assemble(draft, bench.tree)
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
