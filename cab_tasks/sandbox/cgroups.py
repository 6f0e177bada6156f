"""
Control groups: the limits on memory and processes that no program can step around.

Version 1 (one hierarchy for each controller) and 2, wherever a group can be made without changing
anything above it: as root, or below what systemd delegates to a user.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.errors import SandboxError
from cab_tasks.sandbox.processes import DEATH_S, abandoned, owner_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.sandbox.records import Limits

_CONTROLLERS = ("memory", "pids")
_OURS = 4  # shell, launcher, its twin inside, the set-up's cp: not the program's
_REMOVAL_S = 2.0  # an empty group stays busy for some milliseconds after its last process
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Parent:
    """
    A folder where groups can be made, and which limits it then gives.
    """

    folder: Path
    version: int
    controllers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """
    The groups of one run; none where none can be made.
    """

    folders: tuple[tuple[Parent, Path], ...]

    def add(self, pid: int) -> None:
        for _, folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def limits(self, controller: str) -> bool:
        return any(controller in parent.controllers for parent, _ in self.folders)

    def killed_for_memory(self) -> bool:
        return any(
            re.search(r"^oom_kill [1-9]", (folder / _oom_counters(parent)).read_text(), re.M)
            for parent, folder in self.folders
            if "memory" in parent.controllers
        )

    def kill(self) -> None:
        """
        Kill every process that is left, whatever it did to its session, parent or environment.
        """
        deadline = time.monotonic() + DEATH_S
        while any(_kill_in(folder) for _, folder in self.folders):
            if time.monotonic() > deadline:
                raise SandboxError("processes of a run were killed and do not die")
            time.sleep(0.002)


@contextlib.contextmanager
def group(limits: Limits) -> Iterator[Group]:
    """
    Groups with these limits, removed at the end along with what still runs in them.
    """
    made = []
    try:
        for parent in parents():
            folder = parent.folder / f"{owner_prefix()}{os.getpid()}-{next(_numbers)}"
            folder.mkdir()
            made.append((parent, folder))
            _limit(parent, folder, limits)
        yield Group(tuple(made))
    finally:
        for _, folder in made:
            _remove(folder)


@functools.cache
def parents() -> tuple[Parent, ...]:
    """
    Where this process can make groups, proven by making one.
    """
    usable = tuple(parent for parent in _candidates() if _is_usable(parent))
    for parent in usable:
        for folder in abandoned(parent.folder):
            _remove(folder)
    return usable


def _candidates() -> Iterator[Parent]:
    own = _own_groups()
    for version, mount, root, options in _hierarchies():
        if version == 1:
            found = tuple(name for name in _CONTROLLERS if name in options)
            if found:
                yield Parent(_below(mount, root, own.get(found[0], "/")), 1, found)
        else:
            yield from itertools.islice(_delegated(mount, _below(mount, root, own.get("", "/"))), 1)


def _delegated(mount: Path, own: Path) -> Iterator[Parent]:
    """
    From our own group upwards: those whose children may have controllers.
    """
    for folder in (own, *own.parents):
        if not folder.is_relative_to(mount):
            return
        with contextlib.suppress(OSError):
            enabled = (folder / "cgroup.subtree_control").read_text().split()
            found = tuple(name for name in _CONTROLLERS if name in enabled)
            if found and os.access(folder, os.W_OK):
                yield Parent(folder, 2, found)


def _hierarchies() -> Iterator[tuple[int, Path, str, list[str]]]:
    """
    Version, mount point, root within the hierarchy, options; from proc(5), mountinfo.
    """
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split()[:3]
        if kind in ("cgroup", "cgroup2"):
            root, mount = before.split()[3:5]
            yield (2 if kind == "cgroup2" else 1, Path(mount), root, options.split(","))


def _own_groups() -> dict[str, str]:
    """
    Our own path for each controller of version 1; for version 2 under the empty name.
    """
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own.update(dict.fromkeys(controllers.split(","), path))
    return own


def _below(mount: Path, root: str, path: str) -> Path:
    # In a container, the path may be the host's, and only what is below `root` is mounted.
    inner = path.removeprefix(root) if root != "/" else path
    folder = mount / inner.lstrip("/")
    return folder if folder.is_dir() else mount


def _is_usable(parent: Parent) -> bool:
    folder = parent.folder / f"{owner_prefix()}{os.getpid()}-probe-{next(_numbers)}"
    probe = subprocess.Popen(("/bin/sh", "-c", "read -r x"), stdin=subprocess.PIPE)
    try:
        folder.mkdir()
        (folder / "cgroup.procs").write_text(str(probe.pid))
    except OSError:
        return False
    finally:
        probe.communicate()
        _remove(folder)
    return True


def _limit(parent: Parent, folder: Path, limits: Limits) -> None:
    if "pids" in parent.controllers:
        (folder / "pids.max").write_text(str(limits.processes + _OURS))
    if "memory" in parent.controllers:
        memory = ("memory.limit_in_bytes", "memory.max")[parent.version - 1]
        (folder / memory).write_text(str(limits.memory_bytes))
        swap = folder / ("memory.memsw.limit_in_bytes", "memory.swap.max")[parent.version - 1]
        if swap.exists():
            swap.write_text(str(limits.memory_bytes) if parent.version == 1 else "0")


def _oom_counters(parent: Parent) -> str:
    return ("memory.oom_control", "memory.events")[parent.version - 1]


def _remove(folder: Path) -> None:
    """
    Remove a group with all that runs in it; what cannot die yet is left to the next sweep.
    """
    deadline = time.monotonic() + _REMOVAL_S
    while folder.exists():
        with contextlib.suppress(OSError):
            folder.rmdir()
            return
        with contextlib.suppress(FileNotFoundError):
            _kill_in(folder)
        if time.monotonic() > deadline:
            return
        time.sleep(0.002)


def _kill_in(folder: Path) -> bool:
    """
    Whether there was anything to kill.
    """
    pids = (folder / "cgroup.procs").read_text().split()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    return bool(pids)
