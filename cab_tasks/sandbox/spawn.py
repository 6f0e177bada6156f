"""
One run from start to end: spawn, wait, watch, kill, and say how it ended.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from typing import TYPE_CHECKING

from cab_tasks.errors import SandboxError
from cab_tasks.sandbox import bubblewrap
from cab_tasks.sandbox.processes import Child, is_gone, kill, started
from cab_tasks.sandbox.records import Command, Ended, Finished, Limits, Policy
from cab_tasks.sandbox.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETUP_S = 120.0  # copying a tree of 1 GB on a loaded machine stays well below
_DEATH_S = 20.0  # a process in the middle of disk I/O cannot die before that ends
_TICK_S = 0.25


def describe() -> dict[str, str]:
    return {"bubblewrap": ".".join(map(str, bubblewrap.version()))}


def run(command: Command, limits: Limits, *, policy: Policy = Policy.AUTO) -> Finished:
    """
    Run one program to its end; every process of it is gone when this returns or raises.

    `exit_code` is the program's own; 126 if `cwd` cannot be entered, 127 if there is no such
    program. What ends by signal N has -N; inside bubblewrap, exit codes above 128 mean that.

    Raises:
        SandboxError: the program could not be started at all; says nothing about it.
    """
    if refusal := bubblewrap.refusal():
        raise SandboxError(refusal)
    argv = bubblewrap.launch(command, "")
    with started(argv, bubblewrap.arguments(command, limits)) as child:
        streams = Streams(child, limits)
        with contextlib.closing(streams), _killed_at_end(child, streams):
            return _finished(child, streams, limits)


@contextlib.contextmanager
def _killed_at_end(child: Child, streams: Streams) -> Iterator[None]:
    try:
        yield
    finally:
        if not is_gone(child.pidfd, 0):
            kill(child.pidfd)
        os.waitpid(child.pid, 0)


def _finished(child: Child, streams: Streams, limits: Limits) -> Finished:
    child.release()
    init = _set_up(child, streams)
    del streams.channel[:]
    start = time.monotonic()
    child.release()
    ended = _wait(streams, start + limits.timeout_s)
    duration_s = time.monotonic() - start
    kill(init)
    if not is_gone(init, _DEATH_S):
        raise SandboxError("a killed run does not die")
    os.close(init)
    code = _exit_code(child)
    streams.drain()
    ended = ended or streams.excess() or (Ended.SIGNALLED if code < 0 else Ended.EXITED)
    streams.cut()
    output = (bytes(streams.stdout), bytes(streams.stderr), bytes(streams.channel))
    return Finished(ended, code, *output, duration_s)


def _set_up(child: Child, streams: Streams) -> int:
    deadline = time.monotonic() + _SETUP_S
    while b"+" not in streams.channel:
        streams.pump(min(1.0, deadline - time.monotonic()))
        if streams.is_over or time.monotonic() > deadline:
            streams.drain()
            raise SandboxError(f"cannot start: {streams.stderr.decode(errors='replace').strip()}")
    found = re.search(rb'"child-pid": (\d+)', bytes(streams.info))
    assert found
    return os.pidfd_open(int(found[1]))


def _wait(streams: Streams, deadline: float) -> Ended | None:
    while not streams.is_over:
        if (left := deadline - time.monotonic()) <= 0:
            return Ended.TIMEOUT
        streams.pump(min(left, _TICK_S))
        if excess := streams.excess():
            return excess
    return None


def _exit_code(child: Child) -> int:
    kill(child.pidfd)
    result = os.waitid(os.P_PIDFD, child.pidfd, os.WEXITED | os.WNOWAIT)
    assert result is not None
    if result.si_code != os.CLD_EXITED:
        return -result.si_status
    return 128 - result.si_status if result.si_status > 128 else result.si_status
