"""
A child process measured from outside: wall time, CPU time and memory of it and all that it starts.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_LOOK_S = 0.5  # between two looks at the memory of a process tree
_EMPTY_S = 5.0  # what a killed sandbox takes to vanish from its group


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What a child process took, it and all that it started; memory is zero where nobody looked.
    """

    seconds: float
    cpu_s: float
    code: int
    stdout: str
    stderr: str
    memory_mb: float = 0.0  # highest sum over the tree, shared pages counted once

    def figures(self) -> dict[str, float]:
        return {"seconds": round(self.seconds, 3), "cpu_s": round(self.cpu_s, 3)}


def timed(
    command: Sequence[object],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    fine: Iterable[int] = (0,),
    watch_memory: bool = False,
) -> Taken:
    """
    Run a command to its end; raises where its exit code is not one of `fine`.
    """
    words = [str(word) for word in command]
    with contextlib.ExitStack() as stack:
        out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        clock = stack.enter_context(_cpu_clock())
        start = time.monotonic()
        child = subprocess.Popen(
            clock.argv(words), cwd=cwd, env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        )  # fmt: skip
        with _Watch(child.pid) if watch_memory else contextlib.nullcontext() as watched:
            code = child.wait()
        seconds = time.monotonic() - start
        told = [_text(stream) for stream in (out, err)]
        taken = Taken(seconds, clock.seconds(), code, *told, watched.peak_mb if watched else 0.0)
    if code not in fine:
        raise SystemExit(f"{' '.join(words)}: exit code {code}\n{told[0][-2000:]}{told[1][-4000:]}")
    return taken


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


class _GroupClock:
    """
    CPU time by a cgroup of its own: what is killed with a PID namespace is counted, too.
    """

    kind = "cgroup"

    def __init__(self, group: Path, usage: str, per_second: float) -> None:
        self._group, self._usage, self._per_second = group, group / usage, per_second

    def argv(self, words: list[str]) -> list[str]:
        enter = 'echo $$ > "$0" && exec "$@"'
        return ["/bin/sh", "-c", enter, str(self._group / "cgroup.procs"), *words]

    def seconds(self) -> float:
        self._wait()
        return int(self._usage.read_text().split("usage_usec")[-1].split()[0]) / self._per_second

    def _wait(self) -> None:
        deadline = time.monotonic() + _EMPTY_S
        while (self._group / "cgroup.procs").read_text() and time.monotonic() < deadline:
            time.sleep(0.02)


class _RusageClock:
    """
    CPU time of the children that were waited for: short of what a killed sandbox had used.
    """

    kind = "rusage"

    def __init__(self) -> None:
        self._before = self._now()

    def argv(self, words: list[str]) -> list[str]:
        return words

    def seconds(self) -> float:
        return self._now() - self._before

    @staticmethod
    def _now() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


def clock_kind() -> str:
    """
    How CPU time is measured here.
    """
    with _cpu_clock() as clock:
        return clock.kind


@contextlib.contextmanager
def _cpu_clock() -> Iterator[_GroupClock | _RusageClock]:
    for parent, usage, per_second in _group_parents():
        group = parent / f"cab-bench-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            yield _GroupClock(group, usage, per_second)
        finally:
            with contextlib.suppress(OSError):  # something in it lives on; the group stays
                group.rmdir()
        return
    yield _RusageClock()


def _group_parents() -> Iterator[tuple[Path, str, float]]:
    """
    Our own cgroup folders that count CPU time: (folder, its file, units a second).
    """
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpuacct" in controllers.split(","):
            yield Path("/sys/fs/cgroup", controllers, path.lstrip("/")), "cpuacct.usage", 1e9
        elif not controllers:
            yield Path("/sys/fs/cgroup", path.lstrip("/")), "cpu.stat", 1e6


class _Watch:
    """
    A thread that looks at the memory of a process and its descendants.
    """

    def __init__(self, pid: int) -> None:
        self.peak_mb = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_S):
            total = sum(_proportional_kb(pid) for pid in (self._pid, *_descendants(self._pid)))
            self.peak_mb = max(self.peak_mb, total / 1024)


def _descendants(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):  # processes end while we look
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))


def _proportional_kb(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
