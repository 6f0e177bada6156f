"""
The parent of a program that runs without bubblewrap: outlives it and kills what it leaves behind.

Runs by itself in a fresh interpreter (standard library only). Descriptors: 0 the gate, whose end
means that our caller is dead; 3 the channel; 5 the order, as JSON.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_GATE, _CHANNEL, _INFO, _ORDER = 0, 3, 4, 5
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def main() -> None:
    """
    Run the program of the order, then end as it ended.
    """
    with open(_ORDER, encoding="utf-8") as file:
        order = json.load(file)
    os.close(_INFO)
    # Orphans then become our children, and cannot leave by forking twice.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    os.write(_CHANNEL, b"+")
    if os.read(_GATE, 64):
        _end_as(_status_of(order))


def _status_of(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(order)
    for fd in (1, 2, _CHANNEL):
        os.close(fd)
    gate = select.poll()
    gate.register(_GATE)
    program = os.pidfd_open(pid)
    gate.register(program, select.POLLIN)
    gate.poll()
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    _kill_all()
    return status


def _become(order: dict[str, Any]) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.set_inheritable(_CHANNEL, order["channel"])
    with _exit_on_error(126):
        os.chdir(order["cwd"])
    with _exit_on_error(127):
        os.execvpe(order["argv"][0], order["argv"], order["env"])


@contextlib.contextmanager
def _exit_on_error(code: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        os.write(2, f"cab: {error}\n".encode())
        os._exit(code)


def _kill_all() -> None:
    """
    Stop everything first, so that nothing forks faster than it is killed.
    """
    stopped: set[int] = set()
    while fresh := _descendants() - stopped:
        _send(fresh, signal.SIGSTOP)
        stopped |= fresh
    while _descendants():
        _send(_descendants(), signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        select.select((), (), (), 0.001)


def _descendants() -> set[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_bytes().rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found: set[int] = set()
    waiting = [os.getpid()]
    while waiting:
        waiting += (fresh := children.get(waiting.pop(), []))
        found.update(fresh)
    return found


def _send(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _end_as(status: int) -> None:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)  # standard output is closed by now, which sys.exit would complain about


if __name__ == "__main__":
    main()
