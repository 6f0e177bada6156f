"""
One attempt against one bundle: a fresh tree, pristine tests, the exact expected set.

`validate` and `score` both stand on it. git is never run here, nor anything else in the
attempt's tree; the suite runs in the sandbox.
"""

from __future__ import annotations

import secrets
import shlex
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.attempt import AttemptError, changed_files
from cab_tasks.baseline import PLAIN, Condition
from cab_tasks.blind import blind_files, wrong_of
from cab_tasks.environment import lay_environment_files
from cab_tasks.laying import lay_tree, write_file
from cab_tasks.model import Run, RunEnd, SuiteSpec, TestOutcome
from cab_tasks.sandbox import Limits
from cab_tasks.suite import run_suite
from cab_tasks.twins import (
    TwinsVerdict,
    chosen_copies,
    expected_tests,
    judged_twins,
    twin_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from cab_tasks.attempt import Attempt
    from cab_tasks.bundle import Bundle
    from cab_tasks.manifest import Manifest
    from cab_tasks.model import Environment
    from cab_tasks.sandbox import Policy
    from cab_tasks.suite import Bytecode
    from cab_tasks.twin_records import Blind, Twins


RUNS_KEPT = 100  # of a suite of 1,000 tests: 50 MB; a bundle under proof needs six of them


class Verdict(StrEnum):
    """
    How an attempt ended; only INCONCLUSIVE is nobody's score.
    """

    PASS = "pass"
    FAIL = "fail"
    TAMPERED = "tampered"
    INCONCLUSIVE = "inconclusive"


class RunCache:
    """
    Completed runs by content: the same tree, command, environment and condition are run once.

    Bundles of one seed share their repaired tree byte for byte. Lives as long as one command, and
    keeps the runs that were asked for last.
    """

    def __init__(self, kept: int = RUNS_KEPT) -> None:
        self._kept = kept
        self._shelves: dict[object, _Shelf] = {}
        self._lock = threading.Lock()

    def get(self, key: object, run: Callable[[], Run]) -> Run:
        shelf = self._shelf(key)
        with shelf.lock:
            if shelf.run is None:
                made = run()
                if made.end is not RunEnd.COMPLETED:
                    return made
                shelf.run = made
            return shelf.run

    def _shelf(self, key: object) -> _Shelf:
        with self._lock:
            shelf = self._shelves.pop(key, None) or _Shelf()
            self._shelves[key] = shelf
            # Who waits at one that goes still has it.
            for oldest in list(self._shelves)[: -self._kept]:
                del self._shelves[oldest]
            return shelf


class _Shelf:
    """
    The place of one run, made or not; whoever holds the lock makes it.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.run: Run | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """
    Where suites run: the rebuilt environment, the build folder (compiled languages), the sandbox.

    A build folder holds what the tests before were made of, and the next build can read it: one for
    attempts that may know of each other's tests; None for a fresh one each run. `bytecode` is for
    who trusts the seed, never for attempts.
    """

    environment: Environment
    target: Path | None
    policy: Policy
    runs: RunCache | None = None
    bytecode: Bytecode | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    `broken` maps each expected test that did not pass to how it ended (`absent` if it vanished).
    `twins` is what must-fail twins said: they are run where all else passes and the task has some.
    """

    verdict: Verdict
    run: Run
    broken: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    twins: TwinsVerdict | None = None


def judge_folder(
    bundle: Bundle,
    folder: Path,
    setting: Setting,
    *,
    condition: Condition = PLAIN,
    nonce: str | None = None,
) -> Judgement:
    """
    The verdict on the folder that an agent leaves; one that cannot be read is tampered with.
    """
    try:
        attempt = changed_files(bundle.workdir, folder)
    except AttemptError as error:
        run = Run(RunEnd.LIMIT, detail=str(error))
        broken = _broken(run, bundle.tests.must_pass())
        return Judgement(Verdict.TAMPERED, run, broken, (str(error),))
    return judge(bundle, attempt, setting, condition=condition, nonce=nonce)


def judge(
    bundle: Bundle,
    attempt: Attempt,
    setting: Setting,
    *,
    condition: Condition = PLAIN,
    nonce: str | None = None,
) -> Judgement:
    """
    The verdict on an attempt: the files that it changed in workdir (None: deleted).

    Protected files are not taken over: a changed one is a finding. The suite runs in a tree made
    of the bundle's workdir, the allowed changes, and the pristine tests. `nonce` makes the
    must-fail twins; none: a fresh one.
    """
    with laid(bundle, attempt, setting, nonce=nonce) as judged:
        return judged(condition)


@contextmanager
def laid(
    bundle: Bundle, attempt: Attempt, setting: Setting, *, nonce: str | None = None
) -> Iterator[Callable[[Condition], Judgement]]:
    """
    As `judge`, under any number of conditions: runs get copies of the tree, so it is laid once.

    Twins are run once, before the pristine tests: what these show could outlive a run, in the
    system's page cache for one. So a copy is seen by nobody who has seen the original.
    """
    with workspace.scratch() as folder:
        tree = folder / "tree"
        findings = lay_tree(bundle, attempt, tree)
        lay_environment_files(setting.environment, tree)
        digest = workspace.tree_hash(tree) if setting.runs is not None else ""
        is_theirs = attempt and not findings
        twinned = _of_twins(bundle, tree, setting, nonce) if is_theirs else None

        def judged(condition: Condition) -> Judgement:
            run = _shared_run(bundle.manifest, tree, digest, setting, condition)
            broken = _broken(run, bundle.tests.must_pass())
            verdict = _verdict(run, broken, findings)
            plain = Judgement(verdict, run, broken, tuple(findings))
            if verdict is not Verdict.PASS or twinned is None:
                return plain
            return replace(twinned, run=run)

        yield judged


def _of_twins(bundle: Bundle, tree: Path, setting: Setting, nonce: str | None) -> Judgement | None:
    """
    What the copies say of an attempt, where a task has some; `tree` holds them meanwhile.
    """
    twins = bundle.twins()
    if twins is None:
        return None
    nonce = nonce or secrets.token_hex(16)
    if twins.blind is not None:
        stopped = _of_blind(bundle, twins, tree, setting, nonce)
        if stopped is not None:
            return stopped
    copies = [(one, chosen_copies(one, nonce)) for one in twins.functions]
    expected = expected_tests(made for _, made in copies)
    files = twin_files(bundle, copies, tree)
    run = run_twins(bundle, files, tree, setting, tuple(expected), is_quick=twins.quick)
    told = judged_twins(nonce, expected, run)
    findings = told.findings(sum(not is_right for _, is_right in expected.values()))
    verdict = _verdict(run, dict.fromkeys(told.failed_that_must_pass, "failed"), findings)
    return Judgement(verdict, run, findings=tuple(findings), twins=told)


def _of_blind(
    bundle: Bundle, twins: Twins, tree: Path, setting: Setting, nonce: str
) -> Judgement | None:
    """
    Before any copy is seen: None if all blind tests tell what is right.
    """
    if twins.blind is None:
        return None
    run = run_blind(bundle, twins.blind, tree, setting, is_quick=twins.quick)
    other, none = wrong_of(twins.blind, run)
    if not other and not none:
        return None
    detail = "" if run.end is RunEnd.COMPLETED else f"{run.end}: {run.detail}"
    told = TwinsVerdict(nonce, 0, detail=detail, wrong_when_blind=other, silent_when_blind=none)
    findings = told.findings(0)
    verdict = _verdict(run, dict.fromkeys(none, "silent"), findings)
    return Judgement(verdict, run, findings=tuple(findings), twins=told)


def run_blind(bundle: Bundle, blind: Blind, tree: Path, setting: Setting, *, is_quick: bool) -> Run:
    """
    A run of the blind tests alone, in the place of the tests of a laid tree.
    """
    select = tuple(test.run_as for test in blind.tests)
    files = blind_files(bundle, blind)
    return run_twins(bundle, files, tree, setting, select, is_quick=is_quick)


def run_twins(
    bundle: Bundle,
    files: Mapping[str, bytes],
    tree: Path,
    setting: Setting,
    select: tuple[str, ...],
    *,
    is_quick: bool,
) -> Run:
    """
    A run of these tests alone, with `files` in the place of those of a laid tree.
    """
    before = {path: (tree / path).read_bytes() for path in files}
    try:
        for path, data in files.items():
            write_file(tree, path, data)
        return _run(bundle.manifest, tree, setting, PLAIN, select, is_quick=is_quick)
    finally:
        for path, data in before.items():
            write_file(tree, path, data)


def suite_spec(manifest: Manifest) -> SuiteSpec:
    """
    The suite as the manifest's `tests` tells it.
    """
    words = shlex.split(manifest.tests.command)
    split = next((at for at, word in enumerate(words) if "=" not in word), len(words))
    variables = [tuple(word.split("=", 1)) for word in words[:split]]
    return SuiteSpec(
        language=manifest.language,
        framework=manifest.tests.framework,
        command=tuple(words[split:]),
        env=tuple((name, value) for name, value in variables),
        test_globs=manifest.tests.protected,
    )


def _shared_run(
    manifest: Manifest, tree: Path, digest: str, setting: Setting, condition: Condition
) -> Run:
    def run() -> Run:
        return _run(manifest, tree, setting, condition)

    if setting.runs is None:
        return run()
    spec = suite_spec(manifest)
    key = (digest, spec, manifest.limits, setting.environment.key, condition)
    return setting.runs.get(key, run)


def _run(
    manifest: Manifest,
    tree: Path,
    setting: Setting,
    condition: Condition,
    select: tuple[str, ...] = (),
    *,
    is_quick: bool = False,
) -> Run:
    limits = Limits(
        timeout_s=manifest.limits.suite_timeout_s,
        memory_bytes=manifest.limits.memory_mb << 20,
        processes=manifest.limits.processes,
        disk_bytes=manifest.limits.disk_mb << 20,
    )
    return run_suite(
        suite_spec(manifest),
        setting.environment,
        tree,
        limits=limits,
        test_timeout_s=manifest.limits.test_timeout_s,
        select=select,
        shuffle=condition.shuffle,
        variables=condition.variables,
        target=setting.target,
        policy=setting.policy,
        bytecode=setting.bytecode,
        is_quick=is_quick,
    )


def _broken(run: Run, expected: tuple[str, ...]) -> dict[str, str]:
    outcomes = run.outcomes()
    return {
        test: outcomes[test].value if test in outcomes else "absent"
        for test in expected
        if outcomes.get(test) is not TestOutcome.PASSED
    }


def _verdict(run: Run, broken: Mapping[str, str], findings: list[str]) -> Verdict:
    if run.end is RunEnd.ERROR:
        return Verdict.INCONCLUSIVE
    if findings:
        return Verdict.TAMPERED
    return Verdict.FAIL if broken or run.end is not RunEnd.COMPLETED else Verdict.PASS
