"""
Starts every program that is not ours: bubblewrap, limits, a clean environment, nothing left behind.

The only spawner of the project. Paths inside are fixed, so nothing that runs can tell where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

TREE = "/cab/tree"  # the repository under test; a tmpfs, filled from `Command.tree`
ENV = "/cab/env"  # the environment's root, read-only
INJECT = "/cab/inject"  # our injected files, read-only
TARGET = "/cab/target"  # build output of compiled languages
CHANNEL_FD = 3  # inside: the write end of the result channel


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


@dataclass(frozen=True, slots=True)
class Finished:
    ended: Ended
    exit_code: int  # -signal when SIGNALLED
    stdout: bytes
    stderr: bytes
    channel: bytes
    duration_s: float
