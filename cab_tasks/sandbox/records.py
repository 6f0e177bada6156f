"""
The sandbox's records: what to run, within which limits, and how it ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TREE = "/cab/tree"  # the repository under test; a tmpfs, filled from `Command.tree`
ENV = "/cab/env"  # the environment's root, read-only
INJECT = "/cab/inject"  # our injected files, read-only
TARGET = "/cab/target"  # build output of compiled languages
HOME = "/cab/home"  # a tmpfs, empty at the start
SYSTEM_ENV = (
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("HOME", HOME),
    ("LANG", "C.UTF-8"),
    ("TZ", "UTC"),
)
CHANNEL_FD = 3  # inside: the write end of the result channel
REQUESTS_FD = 6  # inside: the read end of a session's requests


class Policy(StrEnum):
    """
    How much sandbox a run must have.
    """

    AUTO = "auto"  # bubblewrap where it works, else limits only and a SandboxWarning
    REQUIRED = "required"  # bubblewrap, else SandboxError
    OFF = "off"  # limits only


class SandboxWarning(UserWarning):
    """
    Bubblewrap does not work here: programs run with limits only, and see this machine.
    """


class Ended(StrEnum):
    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMEOUT = "timeout"
    MEMORY = "memory"  # killed for memory, or the memory limit was hit
    OUTPUT = "output"  # printed more than `output_bytes`
    DISK = "disk"  # a writable mount outgrew `disk_bytes`


@dataclass(frozen=True, slots=True)
class Limits:
    timeout_s: float = 60.0
    memory_bytes: int = 4 << 30
    processes: int = 512
    disk_bytes: int = 1 << 30  # each of the tmpfs trees, and growth of a writable mount
    output_bytes: int = 8 << 20  # stdout and stderr together; more ends the run
    channel_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Mount:
    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """
    One program to run. `tree` is copied into the tmpfs at TREE (never written to itself).
    """

    argv: tuple[str, ...]
    tree: Path | None = None
    cwd: str = TREE
    env: tuple[tuple[str, str], ...] = ()
    mounts: tuple[Mount, ...] = ()
    network: bool = False
    channel: bool = False  # open CHANNEL_FD inside, and return what was written to it
    requests: bool = False  # open REQUESTS_FD inside; for sessions

    def variables(self) -> dict[str, str]:
        """
        The whole environment that the program sees: SYSTEM_ENV, overlaid with `env`.
        """
        return {**dict(SYSTEM_ENV), **dict(self.env), "PWD": self.cwd}


@dataclass(frozen=True, slots=True)
class Finished:
    ended: Ended
    exit_code: int  # -signal when SIGNALLED
    stdout: bytes
    stderr: bytes
    channel: bytes
    duration_s: float
    cpu_s: float = 0.0  # user and system, of all its processes that were waited for
    peak_bytes: int = 0  # memory of the largest of them
