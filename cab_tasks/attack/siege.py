"""
Attacks on bundles, carried out: each in a fresh folder, judged, and tried on a naive verifier.
"""

from __future__ import annotations

import functools
import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.attack import naive
from cab_tasks.attack.groups import attacks
from cab_tasks.attack.record import Kind, UnfitError
from cab_tasks.attack.scene import Scene
from cab_tasks.bundle import Bundle, read_bundle
from cab_tasks.bundle_environment import environment_of
from cab_tasks.executors.workers import WorkerPool
from cab_tasks.judge import RunCache, Setting, Verdict
from cab_tasks.prepare import prepare
from cab_tasks.sandbox import Policy
from cab_tasks.score.scoring import score_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from cab_tasks.attack.record import Attack
    from cab_tasks.score.record import Score


class Ending(StrEnum):
    """
    How a bout ended. Only WON, and HURT of an honest attempt, are against the verifier.
    """

    BEATEN = "beaten"
    WON = "WON"
    PASSED = "passed"  # an honest attempt did, as it must
    HURT = "HURT"  # an honest attempt did not pass
    UNFIT = "skipped"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Bout:
    """
    One attack on one bundle. `naive_passes` is None where the naive verifier was not asked.
    """

    attack: str
    title: str
    kind: str
    task_id: str
    language: str
    ending: Ending
    verdict: str = ""
    findings: tuple[str, ...] = ()
    detail: str = ""
    naive_passes: bool | None = None
    seconds: float = 0.0


def bout(bundle: Bundle, attack: Attack, setting: Setting, *, with_naive: bool = False) -> Bout:
    """
    One attack, from an agent's first look at its folder to the verdict.
    """
    started = time.monotonic()
    manifest = bundle.manifest
    told = functools.partial(
        Bout, attack.id, attack.title, attack.kind.value, manifest.task_id, manifest.language
    )
    why = attack.unfit(manifest.language, manifest.tests.framework)
    if why:
        return told(Ending.UNFIT, detail=why)
    with workspace.scratch() as room:
        scene = Scene(bundle, room / "agent", setting.policy)
        prepare(bundle, scene.folder)
        try:
            attack.build(scene)
            return _judged(scene, attack, setting, told, with_naive=with_naive, started=started)
        except UnfitError as unfit:
            return told(Ending.UNFIT, detail=str(unfit))
        finally:
            scene.clean()


def _judged(
    scene: Scene,
    attack: Attack,
    setting: Setting,
    told: Callable[..., Bout],
    *,
    with_naive: bool,
    started: float,
) -> Bout:
    if attack.kind is Kind.LEAK:
        ending = Ending.WON if scene.found else Ending.BEATEN
        return told(ending, detail="; ".join(scene.found), seconds=_since(started))
    with _inherited(scene):
        score = score_folder(scene.bundle, scene.folder, setting, told=scene.told)
    return told(
        _ending(attack, score),
        score.verdict.value,
        score.findings,
        _words_of(score),
        naive.passes(scene, setting) if with_naive else None,
        _since(started),
    )


def _since(started: float) -> float:
    return round(time.monotonic() - started, 2)


def _ending(attack: Attack, score: Score) -> Ending:
    if score.verdict is Verdict.INCONCLUSIVE:
        return Ending.INCONCLUSIVE
    has_passed = score.verdict is Verdict.PASS
    if attack.kind is Kind.HONEST:
        return Ending.PASSED if has_passed else Ending.HURT
    is_believed = attack.lies and not any(attack.finding in text for text in score.findings)
    return Ending.WON if has_passed or is_believed else Ending.BEATEN


def _words_of(score: Score) -> str:
    """
    What ended the judging, or the first test that did not end as it must.
    """
    if score.cause is not None and score.cause.detail:
        return score.cause.detail
    reasons = score.axes.refusal.refusal_reasons if score.axes.refusal is not None else None
    tests = score.axes.pass_rate.tests if score.axes.pass_rate is not None else ()
    wrong = [f"{test.id}: {test.outcome}" for test in tests if test.outcome != "passed"]
    return "; ".join((*(reasons or ()), *wrong[:1]))


@contextmanager
def _inherited(scene: Scene) -> Iterator[None]:
    """
    The variables that the agent's shell leaves, in our own environment while we judge.
    """
    before: Mapping[str, str | None] = {name: os.environ.get(name) for name in scene.exports}
    for name, value in scene.exports.items():
        # Its own folder, not the one that tests see: that is where its programs would be.
        value = value.replace("/cab/tree", str(scene.folder))
        rest = before[name] if name == "PATH" else None
        os.environ[name] = f"{value}:{rest}" if rest else value
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                del os.environ[name]
            else:
                os.environ[name] = old


@dataclass(frozen=True, slots=True)
class Plan:
    """
    All that a worker needs to know; it can be pickled.
    """

    room: Path
    cache: Path
    policy: Policy = Policy.AUTO
    with_naive: bool = False


class Desk:
    """
    What one worker keeps between bouts: environments, runs that attacks share, a build folder.
    """

    def __init__(self, plan: Plan, number: int) -> None:
        tempfile.tempdir = str(plan.room)
        self._plan = plan
        self._target = plan.room / f"worker-{number}"
        self._runs = RunCache()

    def bout(self, root: Path, attack_id: str) -> Bout:
        (attack,) = attacks([attack_id])
        bundle, setting = self._setting(root)
        return bout(bundle, attack, setting, with_naive=self._plan.with_naive)

    @functools.lru_cache(maxsize=8)  # noqa: B019 - a desk lives as long as its process
    def _setting(self, root: Path) -> tuple[Bundle, Setting]:
        bundle = read_bundle(root)
        environment = environment_of(bundle, self._plan.cache, self._plan.policy)
        return bundle, Setting(environment, self._target, self._plan.policy, self._runs)

    def close(self) -> None:
        """Its folder goes with the room."""


def besiege(
    roots: Sequence[Path],
    patterns: Sequence[str],
    cache: Path,
    *,
    policy: Policy = Policy.AUTO,
    with_naive: bool = False,
    jobs: int = 1,
    finished: Callable[[Bout], object] = lambda _: None,
) -> tuple[Bout, ...]:
    """
    Every bout of these bundles with these attacks, by bundle and then by attack.
    """
    calls = [(root, attack.id) for root in roots for attack in attacks(patterns)]
    bouts: dict[int, Bout] = {}
    before = tempfile.tempdir
    with workspace.scratch() as room:
        plan = Plan(room, cache, policy, with_naive)
        try:
            for number, made in _bouts(calls, plan, min(jobs, len(calls))):
                finished(made)
                bouts[number] = made
        finally:
            tempfile.tempdir = before
    return tuple(bouts[number] for number in sorted(bouts))


def _bouts(calls: Sequence[tuple[Path, str]], plan: Plan, jobs: int) -> Iterator[tuple[int, Bout]]:
    if jobs <= 1:
        desk = Desk(plan, 0)
        yield from ((number, desk.bout(*call)) for number, call in enumerate(calls))
        return
    with WorkerPool(functools.partial(Desk, plan), jobs) as pool:
        for number, call in enumerate(calls):
            pool.submit(number, Desk.bout, *call)
        for _ in calls:
            yield pool.next()
