"""
The bubblewrap command line of one run: what is seen inside, and as whom.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.sandbox.records import CHANNEL_FD, HOME, TREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.sandbox.records import Command, Limits

INFO_FD = 4
ARGS_FD = 5
SOURCE = "/cab/.source"
NO_SPACE = "No space left"  # how cp(1) says that the tree is larger than the tmpfs, in LANG=C

_SYNTHETIC = Path(__file__).parent / "etc"
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
_KEEP = _INSIDE + 'exec "$@" </dev/null'
_CLOSE = _INSIDE + f'exec "$@" </dev/null {CHANNEL_FD}>&-'


@functools.cache
def program() -> str | None:
    """
    Where bubblewrap is, if it is there.
    """
    return shutil.which("bwrap")


@functools.cache
def version() -> tuple[int, ...]:
    """
    Bubblewrap's version; empty where there is none.
    """
    if (bwrap := program()) is None:
        return ()
    done = subprocess.run((bwrap, "--version"), capture_output=True, text=True, check=False)
    return tuple(int(part) for part in re.findall(r"\d+", done.stdout))


@functools.cache
def refusal() -> str:
    """
    Why bubblewrap cannot be used here; empty if it can.

    It may be there and still fail: kernels and AppArmor profiles forbid user namespaces.
    """
    if (bwrap := program()) is None:
        return "bubblewrap (bwrap) is not installed"
    probe = (bwrap, *_ISOLATED, "--unshare-net", *_system(), "--proc", "/proc", "/bin/true")
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return f"bubblewrap does not work here: {done.stderr.strip()}" if done.returncode else ""


def launch(command: Command, prelude: str) -> tuple[str, ...]:
    """
    What to execute; the arguments that name host paths come on ARGS_FD, out of sight of `ps`.

    `prelude` is shell text that sets limits inside.
    """
    bwrap = program()
    assert bwrap is not None
    script = _KEEP if command.channel else _CLOSE
    inside = ("/bin/sh", "-c", script, "cab", prelude, command.cwd, *command.argv)
    return (bwrap, "--args", str(ARGS_FD), *inside)


def arguments(command: Command, limits: Limits) -> bytes:
    """
    Bubblewrap's arguments, each ended by a zero byte.
    """
    words = (*_isolation(command), *_system(), *_folders(command, limits), *_environment(command))
    return b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)


def _isolation(command: Command) -> Iterator[str]:
    yield from _ISOLATED
    yield from ("--info-fd", str(INFO_FD))
    if version() >= (0, 8):
        yield "--disable-userns"
    if not command.network:
        yield "--unshare-net"


def _system() -> Iterator[str]:
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
    size = str(limits.disk_bytes)
    yield from ("--proc", "/proc", "--dev", "/dev")
    for folder in ("/dev/shm", "/tmp", "/var/tmp", HOME, TREE):
        yield from ("--perms", "1777" if folder not in (HOME, TREE) else "0755")
        yield from ("--size", size, "--tmpfs", folder)
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
    # What is left of the root and of /dev has no size limit.
    yield from ("--remount-ro", "/dev", "--remount-ro", "/")


def _environment(command: Command) -> Iterator[str]:
    yield "--clearenv"
    for name, value in command.variables().items():
        yield from ("--setenv", name, value)
