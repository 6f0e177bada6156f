"""
go test: one build, then each package's test program by itself.
"""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.model import Failure, Reach, Run, RunEnd, TestOutcome, TestResult
from cab_tasks.sandbox import TARGET, Command, Ended, Mount, run
from cab_tasks.suite.go_build import CANARIES, build, mounts, variables
from cab_tasks.suite.gotest import Ending, Told, read_told
from cab_tasks.suite.wording import Wording

if TYPE_CHECKING:
    from cab_tasks.sandbox import Finished
    from cab_tasks.suite.go_build import Program
    from cab_tasks.suite.request import Request

ROUNDS = 40  # processes; a program where more tests than this end theirs is no suite
_START_S = 3.0  # for a program to start, on a loaded machine
_PLACE = re.compile(r"(?m)^ +([\w./-]+\.go):(\d+): (.*)")
_LIMITS = (Ended.MEMORY, Ended.OUTPUT, Ended.DISK)


def run_go(request: Request) -> tuple[Run, Reach]:
    """
    One run of `go test` with an outcome for each test and subtest, `package Test/subtest`.

    Raises:
        UsageError: the command is no `go test`.
        SeedEnvironmentError: there is no toolchain.
    """
    deadline = time.monotonic() + request.limits.timeout_s
    with tempfile.TemporaryDirectory(prefix="cab-go-") as folder:
        built = build(request, Path(folder))
        if built.end is not None:
            return Run(built.end, duration_s=built.duration_s, detail=built.detail), Reach()
        suite = _Suite(built.duration_s)
        for program in built.programs:
            runs = _ProgramRun(request, program, Path(folder), deadline)
            suite.add(program, runs.tested(_asked(request, program)))
            if suite.end in (RunEnd.TIMEOUT, RunEnd.LIMIT):
                break
    return suite.run(request.select), Reach()


def _asked(request: Request, program: Program) -> tuple[str, ...] | None:
    """
    The top-level tests that are asked for in a package; None: all.
    """
    if not request.select:
        return None
    head = f"{program.package} "
    names = (test.removeprefix(head) for test in request.select if test.startswith(head))
    return tuple(sorted({name.partition("/")[0] for name in names}))


@dataclass(slots=True)
class _Tested:
    """
    What is known of one program's tests; `end` says why it stopped early.
    """

    endings: dict[str, Ending] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    end: RunEnd | None = None
    detail: str = ""
    duration_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0


@dataclass(slots=True)
class _Suite:
    """
    What is known after some programs.
    """

    duration_s: float
    end: RunEnd | None = None
    details: list[str] = field(default_factory=list)
    results: list[TestResult] = field(default_factory=list)
    twice: set[str] = field(default_factory=set)
    cpu_s: float = 0.0
    peak_bytes: int = 0

    def add(self, program: Program, tested: _Tested) -> None:
        self.end = self.end or tested.end
        self.details += [f"{program.package}: {tested.detail}"] if tested.detail else []
        self.duration_s += tested.duration_s
        self.cpu_s += tested.cpu_s
        self.peak_bytes = max(self.peak_bytes, tested.peak_bytes)
        self.twice |= {f"{program.package} {name}" for name in tested.twice}
        for name, ending in tested.endings.items():
            self.results.append(_result(f"{program.package} {name}", ending))

    def run(self, select: tuple[str, ...]) -> Run:
        kept = [
            result
            for result in sorted(self.results, key=lambda one: one.id)
            if result.id not in self.twice and (not select or result.id in select)
        ]
        end = self.end or (RunEnd.COMPLETED if kept else RunEnd.NO_TESTS)
        return Run(
            end,
            tuple(kept),
            self.duration_s,
            "; ".join(self.details),
            tuple(sorted(self.twice)),
            self.cpu_s,
            self.peak_bytes,
        )


def _result(test: str, ending: Ending) -> TestResult:
    if ending.outcome is not TestOutcome.FAILED:
        return TestResult(test, ending.outcome, ending.duration_s)
    place = _PLACE.search(ending.text)
    message = Wording().message((place[3] if place else ending.text).strip())
    path, line = (place[1], int(place[2])) if place else ("", 0)
    failure = Failure("failure", message, path, line)
    return TestResult(test, ending.outcome, ending.duration_s, failure)


class _ProgramRun:
    """
    All processes of one program; `deadline` is the suite's, as time.monotonic() counts.
    """

    def __init__(self, request: Request, program: Program, out: Path, deadline: float) -> None:
        self._request = request
        self._program = program
        self._out = out
        self._deadline = deadline

    def tested(self, names: tuple[str, ...] | None) -> _Tested:
        """
        Run the tests of these names (None: all), again while tests end their process.
        """
        tested = _Tested()
        listed = self._listed(tested) if names is None else names
        todo = listed
        for _ in range(ROUNDS):
            if tested.end is not None or not todo:
                return tested
            before = len(tested.endings)
            alone = self._round(tested, todo)
            todo = alone or tuple(name for name in listed if name not in tested.endings)
            if not alone and len(tested.endings) == before:
                break
        if tested.end is None and todo:
            tested.end = RunEnd.CRASHED
            tested.detail = f"no outcome of {len(todo)} tests, first {todo[0]}; {tested.detail}"
        return tested

    def _round(self, tested: _Tested, todo: tuple[str, ...]) -> tuple[str, ...]:
        """
        One process; returns a test that must run alone to tell which one it was that ended it.
        """
        limit_s = self._limit_s()
        if limit_s <= 0:
            tested.end = RunEnd.TIMEOUT
            return ()
        finished = self._launch(self._words(todo), limit_s)
        told = read_told(finished.stdout)
        _count(tested, told, finished)
        if self._is_whole(told, finished):
            tested.endings.update(told.endings)
            return ()
        return self._ended_early(tested, told, finished, todo)

    def _ended_early(
        self, tested: _Tested, told: Told, finished: Finished, todo: tuple[str, ...]
    ) -> tuple[str, ...]:
        """
        All but who ended the program run again: tested code may have printed their passes.
        """
        culprits = told.culprits()
        is_over_time = finished.ended is Ended.TIMEOUT
        tested.detail = f"exit code {finished.exit_code}"
        if finished.ended in _LIMITS:
            tested.end = RunEnd.LIMIT
            tested.detail = f"ended by {finished.ended.value}"
        elif is_over_time and (not culprits or time.monotonic() >= self._deadline - 0.1):
            tested.end = RunEnd.TIMEOUT
            tested.detail = "over the suite's time limit"
        elif len(culprits) > 1 or (is_over_time and len(todo) > 1):
            return culprits[:1]
        outcome = TestOutcome.TIMEOUT if is_over_time else TestOutcome.CRASHED
        for name in culprits[:1]:
            _blame(tested, told, name, outcome)
        return ()

    def _is_whole(self, told: Told, finished: Finished) -> bool:
        """
        Whether a program reached its own end: its canary failed, last of all, and so did it.
        """
        canary = told.endings.pop(self._program.canary, None)
        has_failed = canary is not None and canary.outcome is TestOutcome.FAILED
        return has_failed and told.is_finished and finished.exit_code == 1

    def _limit_s(self) -> float:
        """
        Enough for one test to go over its limit, with others before it.
        """
        left = self._deadline - time.monotonic()
        limit = self._request.test_timeout_s
        return min(left, 1.5 * limit + _START_S) if limit else left

    def _listed(self, tested: _Tested) -> tuple[str, ...]:
        """
        Names of all tests and examples, none of benchmarks: they do not run.
        """
        finished = self._launch(("-test.list=.",), max(1.0, self._limit_s()))
        if finished.exit_code != 0:
            tested.end = RunEnd.CRASHED
            tested.detail = f"exit code {finished.exit_code} where its tests are listed"
        words = finished.stdout.decode("utf-8", "replace").splitlines()
        names = (word for word in words if re.fullmatch(r"(Test|Example|Fuzz)\S*", word))
        return tuple(name for name in names if name != self._program.canary)

    def _words(self, todo: tuple[str, ...]) -> tuple[str, ...]:
        shuffle = self._request.shuffle
        order = () if shuffle is None else (f"-test.shuffle={shuffle or 1}",)
        chosen = "|".join((*map(re.escape, todo), CANARIES))
        return ("-test.v=test2json", "-test.timeout=0", *order, f"-test.run=^({chosen})$")

    def _launch(self, words: tuple[str, ...], timeout_s: float) -> Finished:
        command = Command(
            argv=(self._program.place, *self._program.words, *words),
            tree=self._request.tree,
            cwd=self._program.cwd,
            env=variables(self._request),
            mounts=(*mounts(self._request), Mount(self._out, TARGET)),
        )
        limits = replace(self._request.limits, timeout_s=timeout_s)
        return run(command, limits, policy=self._request.policy)


def _count(tested: _Tested, told: Told, finished: Finished) -> None:
    tested.duration_s += finished.duration_s
    tested.cpu_s += finished.cpu_s
    tested.peak_bytes = max(tested.peak_bytes, finished.peak_bytes)
    tested.twice |= told.twice


def _blame(tested: _Tested, told: Told, culprit: str, outcome: TestOutcome) -> None:
    """
    A test that ended its program, with those of its subtests that failed or still ran.
    """
    for name in told.running:
        if name.partition("/")[0] == culprit:
            tested.endings[name] = Ending(outcome, 0.0)
    for name, ending in told.endings.items():
        if name.partition("/")[0] == culprit and ending.outcome is TestOutcome.FAILED:
            tested.endings[name] = ending
