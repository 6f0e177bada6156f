"""
A child process with its pipes: started without a fork of our interpreter, so safe in threads.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import select
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEATH_S = 20.0  # a process in the middle of disk I/O cannot die before that ends
_FIRST_FREE_FD = 16  # above every number that the child uses
# Python ignores these two, and children would inherit that; a suite would see another world.
_RESTORED = (signal.SIGPIPE, signal.SIGXFSZ)
_KEYCTL = {"x86_64": 250, "aarch64": 219, "riscv64": 219}.get(os.uname().machine)  # asm/unistd.h
_JOIN_SESSION_KEYRING = 1  # linux/keyctl.h
# Waits until its limits are set from outside.
_GATE = 'cd / && read -r go && unset go OLDPWD && exec "$@"'


@dataclass(frozen=True, slots=True)
class Child:
    """
    Our ends of everything. `info` tells more about the child, once, as the launcher's JSON;
    `requests` is -1 for a child that takes none.
    """

    pid: int
    pidfd: int
    go: int
    stdout: int
    stderr: int
    channel: int
    info: int
    requests: int = -1

    def release(self) -> None:
        """
        Let it pass the next gate; a child that is already dead does not mind.
        """
        with contextlib.suppress(BrokenPipeError):
            os.write(self.go, b"go\n")


@contextlib.contextmanager
def started(
    argv: tuple[str, ...], arguments: bytes, *, takes_requests: bool = False
) -> Iterator[Child]:
    """
    A child that waits at its first gate; `arguments` can be read from its descriptor 5.

    Descriptors of the child: 0 the gates, 1, 2, 3 the channel, 4 info, 6 requests if it takes
    any. It must be dead and waited for when the block ends.
    """
    with contextlib.ExitStack() as ours:
        with contextlib.ExitStack() as theirs:
            kept, inherited = [], []
            for is_input in (True, False, False, False, False):
                ends = [_high(fd) for fd in os.pipe2(os.O_CLOEXEC)]
                inherited.append(ends.pop(0 if is_input else 1))
                theirs.callback(os.close, inherited[-1])
                kept.append(ends.pop())
                ours.callback(os.close, kept[-1])
            inherited.append(_file_of(arguments))
            theirs.callback(os.close, inherited[-1])
            if takes_requests:
                theirs_end, ours_end = (_high(fd) for fd in os.pipe2(os.O_CLOEXEC))
                inherited.append(theirs_end)
                theirs.callback(os.close, theirs_end)
                kept.append(ours_end)
                ours.callback(os.close, ours_end)
            pid = _spawn(argv, inherited)
        for fd in kept[1:]:
            os.set_blocking(fd, False)
        pidfd = os.pidfd_open(pid)
        ours.callback(os.close, pidfd)
        yield Child(pid, pidfd, *kept)


def is_gone(pidfd: int, timeout_s: float) -> bool:
    """
    Whether the process ended within the time. For the first of a PID namespace: all in it.
    """
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def kill(pidfd: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


def owner_prefix() -> str:
    """
    How names of our folders start: process ids mean something in one PID namespace only.
    """
    return f"cab-{Path('/proc/self/ns/pid').stat().st_ino}-"


def abandoned(parent: Path) -> Iterator[Path]:
    """
    Folders whose owner was killed before it could remove them: `owner_prefix()`PID`-...`.
    """
    for folder in parent.glob(f"{owner_prefix()}*"):
        owner = folder.name.removeprefix(owner_prefix()).split("-")[0]
        if not Path("/proc", owner).exists():
            yield folder


def limit_processes(count: int) -> str:
    """
    Shell text that limits how many processes and threads a user can have; 0 is no limit.
    """
    # dash and busybox know -p, bash and zsh -u.
    return f"ulimit -u {count} 2>/dev/null || ulimit -p {count} || exit 1; " if count else ""


def _spawn(argv: tuple[str, ...], inherited: list[int]) -> int:
    """
    A child with an empty keyring, as from then on this thread has: no namespace divides keyrings.

    In the session's, hostile code would find its user's keys, and what the run before left there.
    It is joined here: the thread that starts bubblewrap must not end before it.
    """
    if _KEYCTL is not None:
        ctypes.CDLL(None).syscall(_KEYCTL, _JOIN_SESSION_KEYRING, None)
    actions: list[tuple[int, ...]] = [(os.POSIX_SPAWN_CLOSE, fd) for fd in _inheritable()]
    actions += [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(inherited)]
    try:
        return os.posix_spawn(
            "/bin/sh",
            ("/bin/sh", "-c", _GATE, "cab", *argv),
            {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C"},
            file_actions=actions,
            setsid=True,
            setsigdef=_RESTORED,
            setsigmask=(),
        )
    except OSError as error:
        raise SandboxError(f"cannot start a program: {error}") from error


def _inheritable() -> list[int]:
    """
    What whoever started us left open; hostile code must not get hold of it.
    """
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - three times as fast
        with contextlib.suppress(OSError):
            if int(name) > 2 and os.get_inheritable(int(name)):
                found.append(int(name))
    return found


def _high(fd: int) -> int:
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE_FD)
    finally:
        os.close(fd)


def _file_of(data: bytes) -> int:
    fd = _high(os.memfd_create("cab", os.MFD_CLOEXEC))
    os.write(fd, data)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
