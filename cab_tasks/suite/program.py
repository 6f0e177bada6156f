"""
One test program run until each of its tests has an outcome.
"""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.model import RunEnd, TestOutcome
from cab_tasks.sandbox import TARGET, Command, Ended, Mount, run
from cab_tasks.suite.cargo_build import toolchain_mounts, variables
from cab_tasks.suite.libtest import JSON, LIST, Ending, read_events, read_list

if TYPE_CHECKING:
    from cab_tasks.sandbox import Finished
    from cab_tasks.suite.cargo_build import Program
    from cab_tasks.suite.libtest import Events
    from cab_tasks.suite.request import Request

ROUNDS = 60  # processes; a program where more tests than this end theirs is no suite
_START_S = 3.0  # for a program to start, on a loaded machine
_NAMES_MAX = 400  # tests asked for by name in one process: their names are arguments
_LINE = re.compile(r"\(line (\d+)\)")
# What a harness of the crate's own says of libtest's options, which it does not know.
_REFUSAL = re.compile(
    rb"(?i)(?:unexpected argument|unrecogni[sz]ed option|unknown (?:option|argument))"
    rb".{0,80}(?:report-time|unstable-options|format|\B-Z\b|test-threads|shuffle)"
)
_LIMITS = (Ended.MEMORY, Ended.OUTPUT, Ended.DISK)
_TO_CHANNEL = 'exec "$@" >&3 3>&-'


@dataclass(slots=True)
class Tested:
    """
    What is known of a program's tests, by libtest's names; `end` says why it stopped early.
    """

    listed: tuple[str, ...] = ()
    endings: dict[str, Ending] = field(default_factory=dict)
    end: RunEnd | None = None
    detail: str = ""
    duration_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0

    def left(self, names: tuple[str, ...] | None) -> tuple[str, ...]:
        wanted = self.listed if names is None else [name for name in self.listed if name in names]
        return tuple(name for name in wanted if name not in self.endings)


class ProgramRun:
    """
    All processes of one program; `deadline` is the suite's, as time.monotonic() counts.
    """

    def __init__(self, request: Request, program: Program, target: Path, deadline: float) -> None:
        self._request = request
        self._program = program
        self._target = target
        self._deadline = deadline

    def listed(self) -> tuple[str, ...]:
        """
        Names of all tests; none if the program knows no list.
        """
        return read_list(self._launch(LIST, self._remaining_s()).channel)

    def tested(self, names: tuple[str, ...] | None) -> Tested:
        """
        Run the tests of these names (None: all), again while tests end their process.
        """
        tested, todo = Tested(), names
        for number in range(ROUNDS):
            limit_s = self._limit_s()
            if limit_s <= 0:
                tested.end = RunEnd.TIMEOUT
                return tested
            finished = self._launch(self._selection(todo, number), limit_s)
            events = read_events(finished.channel)
            todo = self._take(tested, events, finished, limit_s, names)
            if tested.end is not None or not todo:
                return tested
        tested.end = RunEnd.CRASHED
        tested.detail = f"{self._program.binary}: tests end their process, {ROUNDS} times over"
        return tested

    def _take(
        self,
        tested: Tested,
        events: Events,
        finished: Finished,
        limit_s: float,
        names: tuple[str, ...] | None,
    ) -> tuple[str, ...]:
        """
        Add what one process told; returns the tests that the next one is to run.
        """
        known = len(tested.endings)
        tested.duration_s += finished.duration_s
        tested.cpu_s += finished.cpu_s
        tested.peak_bytes = max(tested.peak_bytes, finished.peak_bytes)
        tested.endings.update(events.endings)
        if events.is_finished and known == 0:
            tested.listed = tuple(events.endings)
        elif not tested.listed:
            tested.listed = self.listed() or (*events.endings, *events.running)
        if finished.ended in _LIMITS:
            tested.end = RunEnd.LIMIT
            tested.detail = f"{self._program.binary}: ended by {finished.ended.value}"
            self._mark(tested, events.running[:2], TestOutcome.CRASHED)
        elif finished.ended is Ended.TIMEOUT:
            alone = self._time_out(tested, events, limit_s)
            if alone:
                return alone
        elif not events.is_finished:
            self._mark(tested, events.running, TestOutcome.CRASHED)
        has_grown = len(tested.endings) > known
        left = tested.left(names)
        if tested.end is None and not has_grown and (left or not tested.listed):
            self._give_up(tested, events, finished)
        return left

    def _mark(self, tested: Tested, running: tuple[str, ...], outcome: TestOutcome) -> None:
        """
        Of several tests that ran side by side nobody knows which it was: they are run again.
        """
        if len(running) == 1:
            tested.endings.setdefault(running[0], Ending(outcome))

    def _time_out(self, tested: Tested, events: Events, limit_s: float) -> tuple[str, ...]:
        """
        Mark tests that were over their limit; returns a test that must run alone to tell.
        """
        if time.monotonic() >= self._deadline - 0.1 or not events.running:
            tested.end = RunEnd.TIMEOUT
            tested.detail = f"{self._program.binary}: over the suite's time limit"
            self._mark(tested, events.running, TestOutcome.TIMEOUT)
            return ()
        if limit_s - _START_S - events.busy_s() < self._request.test_timeout_s:
            return events.running[:1]
        for name in events.running:
            tested.endings.setdefault(name, Ending(TestOutcome.TIMEOUT))
        return ()

    def _give_up(self, tested: Tested, events: Events, finished: Finished) -> None:
        if events.is_finished:
            return
        if len(events.running) > 1:
            return  # known after a run one by one
        if not tested.endings and _REFUSAL.search(finished.stderr):
            tested.listed = ()
            tested.detail = f"{self._program.binary}: its harness is not libtest's; not counted"
            return
        if not tested.listed and finished.exit_code == 0:
            tested.detail = f"{self._program.binary}: tells no results; not counted"
            return
        words = finished.stderr.decode("utf-8", "replace").strip()[-500:]
        tested.end = RunEnd.CRASHED
        tested.detail = f"{self._program.binary}: exit code {finished.exit_code}: {words}"

    def _remaining_s(self) -> float:
        return max(1.0, self._deadline - time.monotonic())

    def _limit_s(self) -> float:
        """
        Enough for one test to go over its limit, with others before it.
        """
        left = self._deadline - time.monotonic()
        limit = self._request.test_timeout_s
        return min(left, 1.5 * limit + _START_S) if limit else left

    def _selection(self, todo: tuple[str, ...] | None, number: int) -> tuple[str, ...]:
        serial = ("--test-threads=1",) if number or self._request.shuffle is not None else ()
        order = (
            () if self._request.shuffle is None else ("--shuffle-seed", str(self._request.shuffle))
        )
        return (*JSON, *serial, *order, *self._filter(todo))

    def _filter(self, todo: tuple[str, ...] | None) -> tuple[str, ...]:
        if todo is None:
            return ()
        if not self._program.is_doc:
            return ("--exact", *todo[:_NAMES_MAX])
        # rustdoc splits its words at spaces, which all names of its tests have.
        lines = (_LINE.search(name) for name in todo[:_NAMES_MAX])
        return tuple(dict.fromkeys(f"{line[1]})" for line in lines if line))

    def _launch(self, words: tuple[str, ...], timeout_s: float) -> Finished:
        """
        One process. The build folder is read-only, but for what cargo gives tests as their own.
        """
        if self._program.is_doc:
            words = tuple(part for word in words for part in ("--test-args", word))
        with tempfile.TemporaryDirectory(prefix="cab-own-") as folder:
            own = (Mount(Path(folder), f"{TARGET}/tmp", writable=True),)
            command = Command(
                argv=("/bin/sh", "-c", _TO_CHANNEL, "cab", *self._program.argv, *words),
                tree=self._request.tree,
                cwd=self._program.cwd,
                env=(
                    *variables(self._request),
                    *self._program.env,
                    *self._request.extra_variables,
                    # For libtest's JSON; not there when cargo builds.
                    ("RUSTC_BOOTSTRAP", "1"),
                ),
                mounts=(
                    *toolchain_mounts(self._request),
                    Mount(self._target, TARGET),
                    *(own if (self._target / "tmp").is_dir() else ()),
                    *self._request.extra_mounts,
                ),
                channel=True,
            )
            limits = replace(self._request.limits, timeout_s=timeout_s)
            return run(command, limits, policy=self._request.policy)
