"""
A suite run in as many processes as it takes: a test that kills its process takes none along.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cab_tasks.model import Reach, Run, RunEnd, TestOutcome, TestResult
from cab_tasks.sandbox import Ended
from cab_tasks.suite.report import worse
from cab_tasks.suite.wording import MESSAGE_MAX, capped, is_unstable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cab_tasks.sandbox import Finished
    from cab_tasks.suite.report import Report
    from cab_tasks.suite.request import Request

    # Runs the tests of these ids (None: as requested) within this time.
    Launch = Callable[[tuple[str, ...] | None, float], tuple[Finished, Report]]

ROUNDS = 40  # processes; a suite where more tests than this kill theirs is no suite


def run_rounds(request: Request, launch: Launch) -> tuple[Run, Reach]:
    """
    Run all, and what is left after a crash again, until each test has its outcome.
    """
    suite = _Suite(request)
    for _ in range(ROUNDS):
        select = suite.left() if suite.is_collected else None
        finished, report = launch(select, suite.remaining_s())
        suite.add(finished, report)
        if suite.end is not None:
            return suite.run(), suite.reach()
    suite.end = RunEnd.CRASHED
    suite.detail = f"tests kill their process, {ROUNDS} times over; {suite.detail}"
    return suite.run(), suite.reach()


@dataclass(slots=True)
class _Suite:
    """
    What is known after some rounds; `end` is None while there are tests left.
    """

    request: Request
    end: RunEnd | None = None
    detail: str = ""
    is_collected: bool = False
    collected: tuple[str, ...] = ()
    unstable: frozenset[str] = frozenset()
    results: dict[str, TestResult] = field(default_factory=dict)
    # What tests execute, by path, and which they are: many execute the same.
    executed: dict[frozenset[tuple[str, frozenset[int]]], set[str]] = field(default_factory=dict)
    imported: dict[str, set[int]] = field(default_factory=dict)
    spawning: set[str] = field(default_factory=set)
    duration_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    started: float = field(default_factory=time.monotonic)
    uncollected: set[str] = field(default_factory=set)

    def remaining_s(self) -> float:
        return max(1.0, self.request.limits.timeout_s - (time.monotonic() - self.started))

    def left(self) -> tuple[str, ...]:
        return tuple(test for test in self.collected if test not in self.results)

    def add(self, finished: Finished, report: Report) -> None:
        known = len(self.results)
        self.duration_s += finished.duration_s
        self.cpu_s += finished.cpu_s
        self.peak_bytes = max(self.peak_bytes, finished.peak_bytes)
        self._collect(report)
        for test, result in report.results.items():
            self.results[test] = worse(self.results.get(test), result)
        self._add_lines(report)
        self.uncollected |= report.collection_errors.keys()
        self.detail = _errors(report) or self.detail
        if finished.ended in _LIMITS:
            self._stop(_LIMITS[finished.ended], report, f"ended by {finished.ended.value}")
        elif not self.is_collected:
            self._fail_early(finished, report)
        elif self.left():
            self._crash(finished, report, has_grown=len(self.results) > known)
        else:
            self._complete(report)

    def run(self) -> Run:
        chosen = [test for test in self.results if test not in self.unstable]
        return Run(
            end=self.end or RunEnd.CRASHED,
            results=tuple(self.results[test] for test in sorted(chosen)),
            duration_s=self.duration_s,
            detail=self.detail,
            unstable=tuple(sorted(self.unstable)),
            cpu_s=self.cpu_s,
            peak_bytes=self.peak_bytes,
            uncollected=tuple(sorted(self.uncollected)),
        )

    def reach(self) -> Reach:
        lines = {path: set(found) for path, found in self.imported.items()}
        groups: dict[tuple[str, int], list[int]] = {}
        for number, files in enumerate(self.executed):
            for path, found in files:
                lines.setdefault(path, set()).update(found)
                for line in found:
                    groups.setdefault((path, line), []).append(number)
        return Reach(
            {path: frozenset(found) for path, found in sorted(lines.items())},
            self._tests_of(groups),
            {path: frozenset(found) for path, found in sorted(self.imported.items())},
            tuple(sorted(self.spawning)),
        )

    def _tests_of(
        self, groups: Mapping[tuple[str, int], list[int]]
    ) -> dict[tuple[str, int], tuple[str, ...]]:
        """
        Sorted tests of each place, from the numbers of `executed`; the same tests are one object.
        """
        tests = [*self.executed.values()]
        made: dict[tuple[int, ...], tuple[str, ...]] = {}
        shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        found = {}
        for place, numbers in sorted(groups.items()):
            key = tuple(numbers)
            if key not in made:
                union = tuple(sorted(set().union(*(tests[number] for number in numbers))))
                made[key] = shared.setdefault(union, union)
            found[place] = made[key]
        return found

    def _collect(self, report: Report) -> None:
        if report.collected is None or self.is_collected:
            return
        self.is_collected = True
        self.collected = tuple(dict.fromkeys(report.collected))
        twice = {test for test, count in Counter(report.collected).items() if count > 1}
        self.unstable = frozenset(twice | {test for test in self.collected if is_unstable(test)})

    def _add_lines(self, report: Report) -> None:
        self.spawning |= report.spawning
        for test, files in report.lines.items():
            if test:
                self.executed.setdefault(frozenset(files.items()), set()).add(test)
            for path, lines in () if test else files.items():
                self.imported.setdefault(path, set()).update(lines)

    def _stop(self, end: RunEnd, report: Report, detail: str) -> None:
        self.end = end
        self.detail = detail
        if report.running:
            bad = TestOutcome.TIMEOUT if end is RunEnd.TIMEOUT else TestOutcome.CRASHED
            self._mark(report.running, bad)
            self.detail += f" in {report.running}"

    def _fail_early(self, finished: Finished, report: Report) -> None:
        """
        It ended before its tests were known.
        """
        self.end = RunEnd.CRASHED if report.code is None else RunEnd.COLLECTION_ERROR
        words = finished.stderr.decode("utf-8", "replace").strip() or finished.stdout.decode(
            "utf-8", "replace"
        )
        why = report.wording.normal(words.strip())[-MESSAGE_MAX:]
        self.detail = self.detail or f"exit code {finished.exit_code}: {why}"

    def _crash(self, finished: Finished, report: Report, *, has_grown: bool) -> None:
        self.detail = f"exit code {finished.exit_code}"
        if report.running and report.running not in self.results:
            self._mark(
                report.running, TestOutcome.TIMEOUT if report.is_guarded else TestOutcome.CRASHED
            )
            self.detail += f" in {report.running}"
            if not self.left():
                self._complete(report)
        elif not has_grown:
            self.end = RunEnd.CRASHED
            self.detail += f"; no result for {len(self.left())} tests, first {self.left()[0]}"

    def _complete(self, report: Report) -> None:
        if report.collection_errors:
            self.end = RunEnd.COLLECTION_ERROR
        elif not self.collected:
            self.end = RunEnd.NO_TESTS
        else:
            self.end = RunEnd.COMPLETED
        if self.unstable and self.end is RunEnd.COMPLETED:
            named = ", ".join(sorted(self.unstable)[:5])
            self.detail = f"{len(self.unstable)} ids are unstable and left out: {named}"

    def _mark(self, test: str, outcome: TestOutcome) -> None:
        self.results[test] = TestResult(test, outcome)


_LIMITS = {
    Ended.TIMEOUT: RunEnd.TIMEOUT,
    Ended.MEMORY: RunEnd.LIMIT,
    Ended.OUTPUT: RunEnd.LIMIT,
    Ended.DISK: RunEnd.LIMIT,
}


def _errors(report: Report) -> str:
    parts = [f"{place}: {text}" for place, text in report.collection_errors.items()]
    return capped("\n".join(parts), MESSAGE_MAX)
