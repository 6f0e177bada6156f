"""
One run in bubblewrap: what is seen inside and as whom, and how all of it ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.errors import SandboxError
from cab_tasks.sandbox.processes import DEATH_S, is_gone, kill, limit_processes
from cab_tasks.sandbox.records import CHANNEL_FD, HOME, TREE

if TYPE_CHECKING:
    import resource
    from collections.abc import Iterator

    from cab_tasks.sandbox.processes import Child
    from cab_tasks.sandbox.records import Command, Limits
    from cab_tasks.sandbox.streams import Streams

INFO_FD = 4
ARGS_FD = 5
SOURCE = "/cab/.source"
_INFO_S = 5.0  # bubblewrap tells its child's id within 10 ms, on a loaded machine within 1 s
_FULL_BLOCKS = 2  # tmpfs counts in pages; what is left need not hold another

_SYNTHETIC = Path(__file__).parent / "etc"
_WRITABLE = {"/tmp": "1777", "/var/tmp": "1777", "/dev/shm": "1777", HOME: "0755", TREE: "0755"}
_ETC = (
    "alternatives",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "nsswitch.conf",
    "pki/ca-trust",
    "pki/tls/certs",
    "ssl/cert.pem",
    "ssl/certs",
    "ssl/openssl.cnf",
)
_ISOLATED = (
    *("--unshare-user", "--uid", "1000", "--gid", "1000"),
    *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "cab"),
    *("--unshare-cgroup-try", "--die-with-parent", "--new-session"),
)

# Fills the tree, says `+` on the channel, and waits for the word to go on standard input.
_INSIDE = f"""
if [ -d {SOURCE} ]; then cp -a {SOURCE}/. {TREE}/ || exit 1; fi
printf + >&{CHANNEL_FD}; read -r go || exit 1
eval "$1"; cd -- "$2" || exit 126
shift 2; unset go OLDPWD SHLVL
"""
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_KEEP = _INSIDE + 'exec "$@" </dev/null'
_CLOSE = _INSIDE + f'exec "$@" </dev/null {CHANNEL_FD}>&-'


@functools.cache
def program() -> str:
    """
    Where bubblewrap is; empty if it is not there.
    """
    return shutil.which("bwrap") or ""


@functools.cache
def version() -> tuple[int, ...]:
    """
    Bubblewrap's version; empty where there is none.
    """
    if not (bwrap := program()):
        return ()
    done = subprocess.run((bwrap, "--version"), capture_output=True, text=True, check=False)
    return tuple(int(part) for part in re.findall(r"\d+", done.stdout))


@functools.cache
def refusal() -> str:
    """
    Why bubblewrap cannot be used here; empty if it can.

    It may be there and still fail: kernels and AppArmor profiles forbid user namespaces.
    """
    if not (bwrap := program()):
        return "bubblewrap (bwrap) is not installed"
    features = ("--proc", "/proc", "--remount-ro", "/proc", "--size", "4096", "--tmpfs", "/tmp")
    probe = (bwrap, *_ISOLATED, "--unshare-net", *_system(), *features, "/bin/true")
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return f"bubblewrap does not work here: {done.stderr.strip()}" if done.returncode else ""


class Bubblewrap:
    """
    One run in namespaces of its own.
    """

    shifts_signals = True  # a death by signal N comes out as exit code 128 + N

    def __init__(self, command: Command, limits: Limits, processes: int) -> None:
        """
        `processes` is 0 where a cgroup limits them.
        """
        self.usage: resource.struct_rusage | None = None  # of all inside, once it is dead
        self._init: int | None = None  # pidfd of the first process in the PID namespace
        self._filled: tuple[int, ...] = ()  # descriptors of the folders with a size limit
        script = _KEEP if command.channel else _CLOSE
        inside = (
            "/bin/sh",
            "-c",
            script,
            "cab",
            limit_processes(processes),
            command.cwd,
            *command.argv,
        )
        # Arguments name host paths; on a descriptor they are out of sight of /proc/1/cmdline.
        self.argv: tuple[str, ...] = (program(), "--args", str(ARGS_FD), *inside)
        self.arguments = _arguments(command, limits)
        self.watched = tuple(mount.source for mount in command.mounts if mount.writable)

    def close(self) -> None:
        for fd in self._filled if self._init is None else (*self._filled, self._init):
            os.close(fd)

    def ready(self, streams: Streams) -> None:
        """
        Called once the set-up is done and before the program starts.
        """
        _adopt_orphans(os.getpid())
        self._find_init(streams)
        if self._init is None:
            raise SandboxError("bubblewrap does not tell its child's process id")
        root = f"/proc/{self._pid}/root"
        # Some kernels let nobody look there; then a full disk is what the program says of it.
        with contextlib.suppress(PermissionError):
            self._filled = tuple(os.open(root + at, os.O_PATH | os.O_CLOEXEC) for at in _WRITABLE)

    def is_full(self) -> bool:
        """
        Whether a folder has no space left, now.
        """
        return any(os.statvfs(fd).f_bavail < _FULL_BLOCKS for fd in self._filled)

    def end(self, child: Child, streams: Streams) -> None:
        """
        Kill all; with its first process, a PID namespace dies as a whole.
        """
        deadline = time.monotonic() + _INFO_S
        while self._init is None and not streams.is_over and time.monotonic() < deadline:
            streams.pump(0.05)
            self._find_init(streams)
        if self._init is not None:
            kill(self._init)
            is_gone(child.pidfd, 1.0)
        kill(child.pidfd)
        if self._init is not None and not is_gone(self._init, DEATH_S):
            raise SandboxError(f"process {self._pid} was killed and does not die")
        self._reap()

    def _find_init(self, streams: Streams) -> None:
        if self._init is None and (found := re.search(rb'"child-pid": (\d+)', streams.info)):
            self._pid = int(found[1])
            with contextlib.suppress(ProcessLookupError):
                self._init = os.pidfd_open(self._pid)

    def _reap(self) -> None:
        """
        bubblewrap leaves its child, whose times are those of all inside, to us.
        """
        if self._init is not None:
            with contextlib.suppress(ChildProcessError):
                pid, _, usage = os.wait4(self._pid, os.WNOHANG)
                self.usage = usage if pid else None


@functools.cache
def _adopt_orphans(_pid: int) -> None:
    """
    Of this process; a fork of it has to ask for itself.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _arguments(command: Command, limits: Limits) -> bytes:
    words = (*_isolation(command), *_system(), *_folders(command, limits), *_environment(command))
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def _isolation(command: Command) -> Iterator[str]:
    yield from _ISOLATED
    yield from ("--info-fd", str(INFO_FD))
    if version() >= (0, 8):
        yield "--disable-userns"
    if not command.network:
        yield "--unshare-net"


@functools.cache
def _system() -> tuple[str, ...]:
    return tuple(_system_words())


def _system_words() -> Iterator[str]:
    yield from ("--perms", "0755", "--dir", "/etc")
    yield from ("--ro-bind", "/usr", "/usr")
    for folder in sorted((Path("/bin"), Path("/sbin"), *Path("/").glob("lib*"))):
        if folder.is_symlink():
            yield from ("--symlink", str(folder.readlink()), str(folder))
        elif folder.is_dir():
            yield from ("--ro-bind", str(folder), str(folder))
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    yield from ("--symlink", "/usr/share/zoneinfo/Etc/UTC", "/etc/localtime")
    for name in ("passwd", "group"):
        yield from ("--ro-bind", str(_SYNTHETIC / name), f"/etc/{name}")


def _folders(command: Command, limits: Limits) -> Iterator[str]:
    yield from ("--proc", "/proc", "--dev", "/dev")
    for folder, mode in _WRITABLE.items():
        yield from ("--perms", mode, "--size", str(limits.disk_bytes), "--tmpfs", folder)
    if command.tree is not None:
        yield from ("--ro-bind", str(command.tree.absolute()), SOURCE)
    for mount in command.mounts:
        yield from ("--bind" if mount.writable else "--ro-bind",)
        yield from (str(mount.source.absolute()), mount.target)
    if command.network:
        yield from ("--ro-bind", "/etc/hosts", "/etc/hosts")
        yield from ("--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf")
    else:
        yield from ("--ro-bind", str(_SYNTHETIC / "hosts"), "/etc/hosts")
    # What is left of the root and of /dev has no size limit. And when root of this machine calls
    # us, the user inside still is root to the kernel's settings (/proc/sys/kernel/core_pattern).
    yield from ("--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/")


def _environment(command: Command) -> Iterator[str]:
    yield "--clearenv"
    for name, value in command.variables().items():
        yield from ("--setenv", name, value)
