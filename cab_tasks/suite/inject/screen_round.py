"""
Tests run in forks of this process until each has its outcome; a crash costs one test.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import traceback
from typing import TYPE_CHECKING, Any

from .channel import Channel
from .clock import Now
from .screen_guard import cpu_limit_s, wall_limit_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    # What a fork does: run tests, tell the channel. It need not return.
    Body = Callable[[Sequence[str], Channel], None]

_ROUNDS = 40  # forks; as many as a plain run has processes
_TICK_MS = 50
_SLACK = 2  # a limit is kept inside the fork; from here, when that does not help
_SLACK_S = 0.5
_CPU_SLACK = 1.2
_CPU_SLACK_S = 0.1
_COLLECTING_TIMES = 5
_RANK = ("passed", "skipped", "error", "failed", "timeout", "crashed")  # the worse counts
_HEARD = ("start", "result", "lines")  # what a caller may want to pass on, word for word
_HERTZ = os.sysconf("SC_CLK_TCK")

# A seed may replace functions of modules as it is imported.
_close, _fork, _kill, _killpg, _pipe = os.close, os.fork, os.kill, os.killpg, os.pipe
_read, _setsid, _waitid, _waitpid = os.read, os.setsid, os.waitid, os.waitpid
_loads = json.loads
_poll = select.poll


class Round:
    """
    Runs tests in forks. `durations_s` are of each test without a bug, `collecting_s` of getting
    ready; a fork that says nothing of itself for longer is ended.
    """

    def __init__(
        self,
        durations_s: dict[str, float],
        collecting_s: float,
        memory_bytes: int,
        *,
        unknown_s: float = 0.0,
    ) -> None:
        """
        `unknown_s` is the time of a test without one. `memory_bytes` is what a fork may add to
        what this process has now; 0 is no limit.
        """
        self._durations_s = durations_s
        self._unknown_s = unknown_s
        self._collecting_s = collecting_s
        self._memory_bytes = memory_bytes and memory_bytes + _address_bytes()
        self._shut: list[int] = []
        self._own = _children()

    def shut_in_forks(self, *fds: int) -> None:
        """
        Descriptors that no tested code may have.
        """
        self._shut += fds

    def run(self, body: Body, tests: Sequence[str], *, first_flip: bool = False) -> Found:
        """
        What was found in as many forks as it took.
        """
        found = Found()
        left = list(tests)
        for _ in range(_ROUNDS):
            known = len(found.results)
            self._run_once(body, left, found)
            if found.is_over or (first_flip and found.has_flip()):
                return found
            left = found.left_of(left)
            if not left:
                return found
            if len(found.results) == known:
                found.finish("crashed", f"no result for {len(left)} tests, first {left[0]}")
                return found
        found.finish("crashed", f"tests kill their process, {_ROUNDS} times over")
        return found

    def _run_once(self, body: Body, tests: Sequence[str], found: Found) -> None:
        reading, writing = _pipe()
        gc.freeze()  # else the fork's first collection writes to, and so copies, all there is
        pid = _fork()
        if not pid:
            self._be_fork(body, tests, reading, writing)
        _close(writing)
        try:
            self._follow(pid, reading, found)
        finally:
            _close(reading)
            self._bury(pid)

    def _be_fork(self, body: Body, tests: Sequence[str], reading: int, writing: int) -> None:
        code = 70
        try:
            _setsid()
            for fd in (reading, *self._shut):
                _close(fd)
            if self._memory_bytes:
                resource.setrlimit(resource.RLIMIT_AS, (self._memory_bytes, self._memory_bytes))
            channel = Channel(writing)
            body(tests, channel)
            channel.send("end", code=0)
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)

    def _follow(self, pid: int, reading: int, found: Found) -> None:
        """
        Read what a fork says until it has ended, or is over a limit that it should keep itself.
        """
        found.begin(pid)
        poll = _poll()
        poll.register(reading, select.POLLIN)
        text = b""
        while not found.is_ended:
            if not poll.poll(_TICK_MS):
                if _is_dead(pid):
                    break
                if self._is_over(found):
                    found.stop()
                    break
                continue
            data = _read(reading, 1 << 16)
            if not data:
                break
            *lines, text = (text + data).split(b"\n")
            for line in lines:
                found.take(_loads(line))
        found.close()

    def _bury(self, pid: int) -> None:
        """
        Kill a fork and what it has left behind, and wait for all of it.
        """
        _kill(pid, signal.SIGKILL)
        _waitpid(pid, 0)
        with contextlib.suppress(ProcessLookupError):  # as nearly always: nobody else was in it
            _killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):  # likewise: this process has no other child
            while True:
                if _waitpid(-1, os.WNOHANG)[0]:
                    continue
                left = _children() - self._own
                if not left:
                    return
                for orphan in left:
                    _kill(orphan, signal.SIGKILL)
                    _waitpid(orphan, 0)

    def _is_over(self, found: Found) -> bool:
        passed = Now.monotonic() - found.started
        if not found.running:  # it collects, or its last fixtures end
            return passed > max(_SLACK * wall_limit_s(0.0), _COLLECTING_TIMES * self._collecting_s)
        duration_s = self._durations_s.get(found.running, self._unknown_s)
        if passed > _SLACK * wall_limit_s(duration_s) + _SLACK_S:
            return True
        if found.cpu_started < 0:
            found.cpu_started = _cpu_s(found.pid)
        used = _cpu_s(found.pid) - found.cpu_started
        limit_s = cpu_limit_s(duration_s, has_hung=found.hung_s > 0)
        return used > _CPU_SLACK * limit_s + _CPU_SLACK_S


class Found:
    """
    What forks have told so far. `results` are the channel's own words, by test.
    """

    def __init__(self) -> None:
        self.end = "completed"
        self.detail = ""
        self.results: dict[str, dict[str, Any]] = {}
        self.collected: set[str] | None = None  # None where that was before the fork
        self.absent: list[str] = []
        self.needed: set[str] | None = None  # None: all that were asked for
        self.state = ""
        self.heard: list[dict[str, Any]] = []
        self.hung_s = 0.0
        self.changed = {"has_changed_tree": False, "has_changed_others": False}
        self.is_final = False

    def begin(self, pid: int) -> None:
        """
        A new fork, of which nothing is known yet.
        """
        self.pid = pid
        self.running = ""
        self.is_ended = False
        self.cpu_started = 0.0
        self.started = Now.monotonic()
        self._has_noted = False

    def take(self, message: dict[str, Any]) -> None:
        kind = message["kind"]
        if kind in _HEARD:
            self.heard.append(message)
        if kind == "start":
            self.running = message["id"]
            self.started = Now.monotonic()
            self.cpu_started = -1.0  # not known before somebody has to ask
        elif kind == "result":
            self._add(message)
        elif kind == "collected":
            self.collected = set(message["ids"])
        elif kind == "narrowed":
            self.needed = set(message["ids"])
        elif kind == "state":
            self.state = message["digest"]
        elif kind == "collection_error":
            self.end = "collection_error"
            self.detail += f"{message['id']}: {message['text']}\n"
        elif kind == "notes":
            self._has_noted = True
            for name in self.changed:
                self.changed[name] = self.changed[name] or message[name]
        elif kind == "end":
            self.is_ended = True

    def stop(self) -> None:
        """
        The fork is ended for its time; so is what it was at.
        """
        if self.running:
            self._hang(self.running)
        else:
            self.finish("timeout", "collecting the tests takes too long")
        _kill(self.pid, signal.SIGKILL)
        self.running = ""

    def close(self) -> None:
        """
        The fork is over: a test that was running took it along.
        """
        if self.running and not self.is_ended:
            self._add({"id": self.running, "outcome": "crashed", "duration_s": 0.0})
        self.running = ""
        if not self._has_noted:  # it did not live to tell
            self.changed = dict.fromkeys(self.changed, True)

    @property
    def is_over(self) -> bool:
        """
        Whether no further fork can tell more.
        """
        return self.is_final or self.end == "collection_error"

    def left_of(self, tests: Sequence[str]) -> list[str]:
        """
        Tests that should be run once more; those that no fork could collect are absent.
        """
        if self.collected is not None:
            self.absent += [test for test in tests if test not in self.collected]
            tests = [test for test in tests if test in self.collected]
        needed = tests if self.needed is None else self.needed
        return [test for test in tests if test in needed and test not in self.results]

    def has_flip(self) -> bool:
        return any(result["outcome"] != "passed" for result in self.results.values())

    def finish(self, end: str, detail: str) -> None:
        """
        Nothing more can be known.
        """
        self.end, self.detail, self.is_final = end, detail, True

    def forget(self, tests: Iterable[str]) -> None:
        """
        Results that are to be had anew.
        """
        for test in tests:
            self.results.pop(test, None)

    def add(self, later: Found) -> None:
        """
        What was found in another run of forks.
        """
        self.results.update(later.results)
        self.hung_s += later.hung_s
        for name in self.changed:
            self.changed[name] = self.changed[name] or later.changed[name]
        if later.is_final:
            self.finish(later.end, later.detail)

    def told(self) -> dict[str, Any]:
        """
        As an answer: only what did not pass is named.
        """
        bad = [result for result in self.results.values() if result["outcome"] != "passed"]
        return {
            "end": self.end,
            "detail": self.detail,
            "results": bad,
            "absent": self.absent,
            "ran": len(self.results),
            "hung_s": round(self.hung_s, 6),
        }

    def _hang(self, test: str) -> None:
        passed = Now.monotonic() - self.started
        self._add({"id": test, "outcome": "timeout", "duration_s": round(passed, 6)})

    def _add(self, message: dict[str, Any]) -> None:
        test = message["id"]
        if message["outcome"] == "timeout":
            self.hung_s += message["duration_s"]
        known = self.results.get(test)
        if known is None or _RANK.index(message["outcome"]) >= _RANK.index(known["outcome"]):
            self.results[test] = message
        if self.running == test:
            self.running = ""


def _children() -> set[int]:
    """
    Of this process, by what all processes say of themselves.
    """
    found = set()
    for name in os.listdir("/proc"):  # noqa: PTH208 - see __init__.py
        if name.isdigit():
            try:
                fields = _stat(int(name))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended since
            if int(fields[1]) == os.getpid():
                found.add(int(name))
    return found


def _stat(pid: int) -> list[str]:
    """
    What the system says of a process, from its state on.
    """
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as handle:  # noqa: PTH123
        return handle.read().rpartition(")")[2].split()


def _is_dead(pid: int) -> bool:
    return _waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _cpu_s(pid: int) -> float:
    """
    Processor time of a process that has not been waited for.
    """
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _HERTZ


def _address_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as handle:  # noqa: PTH123 - see __init__.py
        return int(handle.read().split()[0]) * resource.getpagesize()
