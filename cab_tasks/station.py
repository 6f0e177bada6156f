"""
A worker's place: what it keeps warm between the mutants of one seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cab_tasks.errors import SandboxError, SeedEnvironmentError
from cab_tasks.model import Outcome, RunEnd
from cab_tasks.sandbox import Limits
from cab_tasks.screen import Setting
from cab_tasks.trial import Proof, Trial, prove, refused_early, try_plain, try_screened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cab_tasks.model import Mutant
    from cab_tasks.screen import Prepared, Screen
    from cab_tasks.trial import Bench

_RESTARTS = 3  # of an engine that breaks; then plain runs take over


@dataclass(frozen=True, slots=True)
class StationPlan:
    """
    All that a worker needs to make its station, on this machine; it can be pickled.

    No `prepared`: every mutant gets a plain run. `targets` are build folders, by worker.
    """

    bench: Bench
    prepared: Prepared | None
    targets: tuple[Path | None, ...]
    first_flip: bool = False


def setting_of(bench: Bench, tree: Path, *, warm: Path | None = None) -> Setting:
    """
    What the fast engine is given. `tree` is the seed's with the environment's files laid in it,
    `warm` a build folder to start from.
    """
    base = bench.baseline
    return Setting(
        bench.seed.suite, bench.environment, tree, base.green, base.durations_s, base.reach,
        bench.cache / "screens", bench.policy, Limits(timeout_s=base.suite_timeout_s()), warm=warm,
        bytecode=bench.bytecode,
    )  # fmt: skip


class Station:
    """
    One worker's fast engine and build folder. Not for several threads at once.
    """

    def __init__(self, plan: StationPlan, worker: int) -> None:
        self._plan = plan
        self._worker = worker
        self._bench = plan.bench
        self._target = plan.targets[worker % len(plan.targets)]
        self._screen: Screen | None = None
        self._restarts = _RESTARTS if plan.prepared is None else 0
        self._distrust = ""  # why the engine is not used, or was not at its last mutant

    def try_warm(self, mutant: Mutant) -> Trial:
        """
        What a mutant does to the suite, by the fast engine where that is to be trusted.
        """
        early = refused_early(self._bench, mutant)
        if early is not None:
            return early
        trial = self._screened(mutant)
        if trial is None or (self._has_unseen() and trial.outcome is Outcome.SURVIVED):
            plain = try_plain(self._bench, mutant, self._target)
            return replace(plain, distrust=self._distrust)
        return trial

    def prove(self, mutant: Mutant, trial: Trial) -> Proof:
        """
        The cold proof of a caught mutant. Where cold and warm differ, a plain run tells which of
        them was wrong: if it was the fast engine, its word is replaced.
        """
        described = self._described(mutant, trial)
        if described.outcome is not Outcome.CAUGHT:
            return Proof(described)
        proof = prove(self._bench, mutant, described, self._target)
        if not proof.trial.differs or not trial.lane:
            return proof
        plain = try_plain(self._bench, mutant, self._target)
        is_ours = self._seen(plain.broken) != dict(trial.broken)
        differs = proof.trial.differs if is_ours else ""
        if plain.outcome is not Outcome.CAUGHT:
            return Proof(replace(plain, lane=trial.lane, differs=differs))
        again = prove(self._bench, mutant, plain, self._target)
        told = replace(again.trial, lane=trial.lane, differs=again.trial.differs or differs)
        return replace(again, trial=told)

    def close(self) -> None:
        if self._screen is not None:
            self._screen.close()
            self._screen = None

    def _seen(self, broken: Mapping[str, str]) -> dict[str, str]:
        """
        Without the tests that the fast engine never runs.
        """
        unseen = self._plan.prepared.unseen if self._plan.prepared is not None else frozenset()
        return {test: how for test, how in broken.items() if test not in unseen}

    def _has_unseen(self) -> bool:
        return self._plan.prepared is not None and bool(self._plan.prepared.unseen)

    def _described(self, mutant: Mutant, trial: Trial) -> Trial:
        """
        The trial with why its tests fail; the fast engine runs them again for that.
        """
        if trial.failures or not trial.lane:
            return trial
        again = self._screened(mutant, only=tuple(trial.broken), describe=True)
        if again is None:
            return try_plain(self._bench, mutant, self._target)
        if dict(again.broken) == dict(trial.broken):
            return replace(again, seconds=trial.seconds + again.seconds)
        detail = "its tests fail now and then"
        return replace(trial, outcome=Outcome.FLAKY, detail=detail)

    def _screened(
        self, mutant: Mutant, *, only: tuple[str, ...] = (), describe: bool = False
    ) -> Trial | None:
        """
        The fast engine's word; None if there is no engine, or it breaks on this mutant.
        """
        for _ in range(2):
            screen = self._opened()
            if screen is None:
                return None
            try:
                said = screen.screen(
                    mutant, only=only, first_flip=self._plan.first_flip and not only,
                    describe=describe,
                )  # fmt: skip
            except (SandboxError, SeedEnvironmentError) as error:
                self._restarts += 1
                self._distrust = str(error)
                self.close()
                continue
            if said.end in (RunEnd.ERROR, RunEnd.CRASHED):
                return None
            return try_screened(self._bench, said, with_failures=describe)
        return None

    def _opened(self) -> Screen | None:
        if self._restarts >= _RESTARTS or self._plan.prepared is None:
            return None
        if self._screen is None:
            try:
                self._screen = self._plan.prepared.open(self._worker)
            except (SeedEnvironmentError, SandboxError) as error:
                self._restarts = _RESTARTS
                self._distrust = str(error)
        return self._screen
