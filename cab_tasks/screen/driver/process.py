"""
One process of one test program, from its start to its end, read event by event.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import Any

_JSON = ("-Z", "unstable-options", "--format", "json", "--report-time", "--test-threads=1")
_START_S = 10.0  # until the first event, and from the last one to the end
_OUTPUT_BYTES = 64 << 20  # events of one process; tests print through libtest
_TAIL = 1 << 14  # of stderr
_HAS_NOT_PANICKED = "Test executable succeeded, but it's marked `should_panic`.\n"
_OUTCOMES = {"ok": "passed", "failed": "failed", "ignored": "skipped"}


@dataclass(frozen=True, slots=True)
class Program:
    """
    A test program, and for each of its tests: fuel, and the seconds that it may take.

    With `paths` it is many programs, one a test; those of `failing` pass if they fail.
    """

    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str]
    fuel: dict[str, int]
    guard_s: dict[str, float]
    paths: dict[str, str]
    failing: frozenset[str]


@dataclass(slots=True)
class Ending:
    """
    How one test ended; `text` is what it printed, `message` libtest's own words.
    """

    outcome: str
    duration_s: float = 0.0
    text: str = ""
    message: str = ""


@dataclass(slots=True)
class Told:
    """
    What one process said. `ended` is `exit`, `guard` (a test took too long), `output` or `stopped`.
    """

    endings: dict[str, Ending] = field(default_factory=dict)
    running: str = ""
    running_s: float = 0.0
    is_finished: bool = False
    ended: str = "exit"
    code: int = 0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    stderr: bytes = b""
    notes: tuple[str, ...] = ()


def run_tests(
    program: Program,
    names: tuple[str, ...],
    variables: dict[str, str],
    notes: str,
    *,
    patience: float = 1.0,
    stops_early: bool = False,
) -> Told:
    """
    Run these tests in one process, one after the other; `notes` is a file for what is noted.

    `patience` multiplies what a test may take; `stops_early` ends it at the first failure.
    """
    reader = _Reader(program, patience, stops_early)
    _run(program, [*program.argv, *_JSON, "--exact", *names], variables, notes, reader)
    return reader.told


def run_path(
    program: Program, name: str, variables: dict[str, str], notes: str, *, patience: float = 1.0
) -> Told:
    """
    Run the one test that is a program of its own. Whatever ends it badly, it has failed.
    """
    reader = _PlainReader(program, name, patience)
    _run(program, [program.paths[name]], variables, notes, reader)
    told = reader.told
    if told.ended == "exit":
        told.is_finished, told.running = True, ""
        passes = (told.code == 0) != (name in program.failing)
        told.endings[name] = reader.ending("passed" if passes else "failed")
    return told


def _run(
    program: Program, argv: list[str], variables: dict[str, str], notes: str, reader: _Reader
) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(notes)  # noqa: PTH108 - paths are strings here: this runs for every mutant
    out, child_out = os.pipe()
    err, child_err = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, child_out, 1),
        (os.POSIX_SPAWN_DUP2, child_err, 2),
    ]
    environment = {**os.environ, **program.env, **variables}
    environment |= {"CAB_TRACE": notes, "PWD": program.cwd}
    os.chdir(program.cwd)
    try:
        pid = os.posix_spawn(argv[0], argv, environment, file_actions=actions, setpgroup=0)
    finally:
        os.close(child_out)
        os.close(child_err)
    try:
        reader.read(out, err)
        reader.see_end(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        os.close(out)
        os.close(err)
    reader.told.code = os.waitstatus_to_exitcode(status)
    reader.told.cpu_s = usage.ru_utime + usage.ru_stime
    reader.told.peak_bytes = usage.ru_maxrss << 10
    reader.told.notes = _read_notes(notes)


def _read_notes(path: str) -> tuple[str, ...]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return tuple(file.read().splitlines())
    except FileNotFoundError:
        return ()


class _Reader:
    """
    Takes events as they come, and watches the clock of the test that runs.
    """

    def __init__(self, program: Program, patience: float, stops_early: bool) -> None:
        self.told = Told()
        self._program = program
        self._patience = patience
        self._stops_early = stops_early
        self._rest = b""
        self._size = 0
        self._since = time.monotonic()

    def read(self, out: int, err: int) -> None:
        """
        Until the pipes are closed, a test is over its time, or enough is known.
        """
        poll = select.poll()
        open_fds = {out, err}
        for fd in open_fds:
            poll.register(fd, select.POLLIN)
        while self._needs(out, open_fds):
            left = self._since + self._allowed_s() - time.monotonic()
            if left <= 0:
                self.told.ended = "guard"
                break
            for fd, _ in poll.poll(left * 1000 + 1):
                data = os.read(fd, 1 << 16)
                if not data:
                    open_fds.discard(fd)
                    poll.unregister(fd)
                elif fd == err:
                    self.told.stderr = (self.told.stderr + data)[-_TAIL:]
                else:
                    self._take(data)
            if self.told.ended != "exit" or self.told.is_finished:
                break
        self.told.running_s = time.monotonic() - self._since

    def see_end(self, pid: int) -> None:
        """
        Nothing to wait for: what counts was read, and the process is killed.
        """

    def _needs(self, out: int, open_fds: set[int]) -> bool:
        return out in open_fds

    def _allowed_s(self) -> float:
        own_s = self._program.guard_s.get(self.told.running, _START_S)
        return own_s * self._patience if self.told.running else _START_S

    def _take(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > _OUTPUT_BYTES:
            self.told.ended = "output"
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            # What a test writes past libtest's capture may stand before an event on its line.
            start = line.find(b'{ "type":')
            event = _event(line[start:]) if start >= 0 else {}
            if event:
                self._note(event)

    def _note(self, event: dict[str, Any]) -> None:
        told, what = self.told, event.get("event")
        if event.get("type") == "suite":
            told.is_finished = what in ("ok", "failed")
        elif event.get("type") == "test" and what == "started":
            told.running, self._since = str(event["name"]), time.monotonic()
        elif event.get("type") == "test" and what in _OUTCOMES:
            told.running, self._since = "", time.monotonic()
            told.endings[str(event["name"])] = Ending(
                _OUTCOMES[what],
                float(event.get("exec_time", 0.0)),
                str(event.get("stdout", "")),
                str(event.get("message", "")),
            )
            if self._stops_early and what == "failed":
                told.ended = "stopped"


class _PlainReader(_Reader):
    """
    Takes all that a program prints; how it ended is in its exit code.
    """

    def __init__(self, program: Program, name: str, patience: float) -> None:
        super().__init__(program, patience, stops_early=False)
        self.told.running = name
        self._printed = b""

    def see_end(self, pid: int) -> None:
        """
        Wait for the exit code, as long as the test may take.
        """
        ended = select.poll()
        pidfd = os.pidfd_open(pid)
        ended.register(pidfd, select.POLLIN)
        left = self._since + self._allowed_s() - time.monotonic()
        if self.told.ended == "exit" and not ended.poll(max(0.0, left) * 1000 + 1):
            self.told.ended = "guard"
        os.close(pidfd)

    def _needs(self, out: int, open_fds: set[int]) -> bool:
        return bool(open_fds)

    def ending(self, outcome: str) -> Ending:
        """
        In the words of rustdoc.
        """
        status = f"exit status: {self.told.code}" if self.told.code >= 0 else "signal"
        text = f"Test executable failed ({status}).\n\n" if self.told.code else _HAS_NOT_PANICKED
        for name, printed in (("stdout", self._printed), ("stderr", self.told.stderr)):
            if printed:
                text += f"{name}:\n{printed.decode('utf-8', 'replace')}\n"
        return Ending(outcome, time.monotonic() - self._since, text)

    def _take(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > _OUTPUT_BYTES:
            self.told.ended = "output"
        self._printed = (self._printed + data)[:_TAIL]


def _event(text: bytes) -> dict[str, Any]:
    """
    One of libtest's events; nothing where a test printed what looks like one.
    """
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) and "event" in event else {}
