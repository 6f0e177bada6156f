"""
One run from start to end: spawn, wait, watch, kill, and say how it ended.
"""

from __future__ import annotations

import contextlib
import functools
import os
import resource
import signal
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cab_tasks.errors import SandboxError
from cab_tasks.sandbox import bubblewrap, cgroups
from cab_tasks.sandbox.bare import Bare
from cab_tasks.sandbox.bubblewrap import Bubblewrap
from cab_tasks.sandbox.growth import Growth
from cab_tasks.sandbox.processes import Child, started
from cab_tasks.sandbox.records import (
    TREE,
    Command,
    Ended,
    Finished,
    Limits,
    Policy,
    SandboxWarning,
)
from cab_tasks.sandbox.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cab_tasks.sandbox.cgroups import Group

_SETUP_S = 120.0  # copying a tree of 1 GB on a loaded machine stays well below
TICK_S = 0.1
_OPEN_FILES = 4096
_NO_SPACE = b"No space left"  # cp(1), in LANG=C


class Walls(Protocol):
    """
    What stands between a run and this machine.
    """

    shifts_signals: bool
    argv: tuple[str, ...]
    arguments: bytes
    watched: tuple[Path, ...]  # folders that could grow without end
    usage: resource.struct_rusage | None  # of all inside, once dead; None: the child's own is that

    def ready(self, streams: Streams) -> None: ...
    def is_full(self) -> bool: ...
    def end(self, child: Child, streams: Streams) -> None: ...
    def close(self) -> None: ...


def run(command: Command, limits: Limits, *, policy: Policy = Policy.AUTO) -> Finished:
    """
    Run one program to its end; every process of it is gone when this returns or raises.

    `exit_code` is the program's own; 126 if `cwd` cannot be entered, 127 if there is no such
    program. What ends by signal N has -N; inside bubblewrap, exit codes 129 to 192 mean that.
    The time limit counts from the program's start, after its tree has been copied.

    Raises:
        SandboxError: the program could not be started at all; says nothing about it.
    """
    try:
        with opened(command, limits, policy) as waiting:
            return waiting.finished()
    except OSError as error:  # ours or the machine's: what the program meets, it meets itself
        raise SandboxError(f"the sandbox failed: {error}") from error


@contextlib.contextmanager
def opened(command: Command, limits: Limits, policy: Policy) -> Iterator[Opened]:
    """
    A program that waits at its first gate. Whoever takes it must end it in the block.
    """
    with contextlib.ExitStack() as stack:
        group = stack.enter_context(cgroups.group(limits))
        walls = stack.enter_context(contextlib.closing(_walls(command, limits, policy, group)))
        growth = Growth(walls.watched, limits.disk_bytes)
        start = started(walls.argv, walls.arguments, takes_requests=command.requests)
        child = stack.enter_context(start)
        streams = stack.enter_context(contextlib.closing(Streams(child, limits)))
        yield Opened(limits, group, walls, growth, child, streams)


def describe() -> dict[str, str]:
    """
    Which means are in use here, for reports: `walls` and `limits`.
    """
    version = ".".join(map(str, bubblewrap.version()))
    groups = {name: parent for parent in cgroups.parents() for name in parent.controllers}
    limits = [f"{name}: cgroup v{groups[name].version}" for name in sorted(groups)]
    limits += [f"{name}: rlimit" for name in ("memory", "pids") if name not in groups]
    return {"walls": bubblewrap.refusal() or f"bubblewrap {version}", "limits": ", ".join(limits)}


def has_walls(policy: Policy) -> bool:
    """
    Whether runs of this policy see fixed paths, and nothing else of this machine.
    """
    return policy is not Policy.OFF and not bubblewrap.refusal()


def _walls(command: Command, limits: Limits, policy: Policy, group: Group) -> Walls:
    targets = (mount.target for mount in command.mounts)
    if inside := [name for name in targets if f"{name}/".startswith(f"{TREE}/")]:
        raise SandboxError(f"{inside[0]}: mounts inside {TREE} would be written when it is filled")
    processes = 0 if group.limits("pids") else limits.processes
    refusal = "" if policy is Policy.OFF else bubblewrap.refusal()
    if refusal and policy is Policy.REQUIRED:
        raise SandboxError(f"{refusal}; install it, or allow runs with limits only")
    if refusal:
        _warn(refusal)
    if refusal or policy is Policy.OFF:
        return Bare(command, limits, processes)
    return Bubblewrap(command, limits, processes)


def _own_end(code: int) -> Ended:
    if code == -signal.SIGXFSZ:
        return Ended.DISK
    return Ended.SIGNALLED if code < 0 else Ended.EXITED


@functools.cache
def _warn(refusal: str) -> None:
    message = f"{refusal}; programs run with limits only: they see this machine and its network"
    warnings.warn(message, SandboxWarning, stacklevel=2)


@dataclass(slots=True)
class Opened:
    """
    All that belongs to one run while it lasts.
    """

    limits: Limits
    group: Group
    walls: Walls
    growth: Growth
    child: Child
    streams: Streams
    usage: resource.struct_rusage | None = None  # once it is dead

    def finished(self) -> Finished:
        start = time.monotonic()
        try:
            ended = self.set_up()
            if ended is None:
                start = time.monotonic()
                self.child.release()
                ended = self._wait(start + self.limits.timeout_s)
            duration_s = time.monotonic() - start
        finally:
            code = self.kill()
        return self.told(ended, code, duration_s)

    def told(self, ended: Ended | None, code: int, duration_s: float) -> Finished:
        """
        What the dead have left, and how they ended if nobody ended them.
        """
        self.streams.drain()
        ended = ended or self.excess(self.growth.is_over_now())
        ended = ended or _own_end(code)
        used = self.usage
        return Finished(
            ended, code, *self.streams.texts(), duration_s,
            cpu_s=used.ru_utime + used.ru_stime if used else 0.0,
            peak_bytes=used.ru_maxrss << 10 if used else 0,
        )  # fmt: skip

    def set_up(self) -> Ended | None:
        """
        None once the program is ready to start; DISK or MEMORY if its tree alone is too large.
        """
        self._confine()
        self.child.release()
        deadline = time.monotonic() + _SETUP_S
        while not self.streams.is_ready():
            self.streams.pump(TICK_S)
            if self.streams.is_over or time.monotonic() > deadline:
                return self._too_large()
        self.walls.ready(self.streams)
        return None

    def _too_large(self) -> Ended:
        self.streams.drain()
        if _NO_SPACE in self.streams.stderr:
            return Ended.DISK
        if self.group.killed_for_memory():
            return Ended.MEMORY
        reason = self.streams.stderr.decode(errors="replace").strip()
        reason = reason or f"not done within {_SETUP_S:g} s"
        raise SandboxError(f"the sandbox cannot be set up: {reason}")

    def _confine(self) -> None:
        self.group.add(self.child.pid)
        ceilings = {
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_FSIZE: self.limits.disk_bytes,
            resource.RLIMIT_NOFILE: _OPEN_FILES,
        }
        if not self.group.limits("memory"):
            ceilings[resource.RLIMIT_AS] = self.limits.memory_bytes
        for kind, ceiling in ceilings.items():
            _, hard = resource.prlimit(self.child.pid, kind)
            low = ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard)
            resource.prlimit(self.child.pid, kind, (low, low))

    def _wait(self, deadline: float) -> Ended | None:
        """
        None when the program ended by itself.
        """
        look = time.monotonic() + TICK_S
        while not self.streams.is_over:
            now = time.monotonic()
            if now >= deadline:
                return Ended.TIMEOUT
            self.streams.pump(min(deadline, look) - now)
            if ended := self.streams.excess():
                return ended
            if time.monotonic() >= look:
                look = time.monotonic() + TICK_S
                if ended := self.excess(self.growth.is_over()):
                    return ended
        return None

    def excess(self, has_outgrown: bool) -> Ended | None:
        """
        The limit that was hit, if one was.
        """
        if self.group.killed_for_memory():
            return Ended.MEMORY
        if has_outgrown or self.walls.is_full():
            return Ended.DISK
        return self.streams.excess()

    def kill(self) -> int:
        """
        Kill whatever is left of the run; the exit code, -N after signal N.
        """
        self.walls.end(self.child, self.streams)
        _, status, usage = os.wait4(self.child.pid, 0)
        self.usage = self.walls.usage or usage
        self.group.kill()
        code = os.waitstatus_to_exitcode(status)
        is_signal = self.walls.shifts_signals and 128 < code < 128 + signal.NSIG
        return 128 - code if is_signal else code
