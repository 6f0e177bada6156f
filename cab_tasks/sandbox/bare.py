"""
A run without namespaces, for machines without bubblewrap: a private copy, limits, and a warden.

It sees this machine and its network. The fixed paths are replaced by real ones in arguments,
working directory and environment, not in files; mounts are not read-only.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.errors import SandboxError
from cab_tasks.sandbox.processes import (
    DEATH_S,
    abandoned,
    is_gone,
    kill,
    limit_processes,
    owner_prefix,
)
from cab_tasks.sandbox.records import HOME, TREE

if TYPE_CHECKING:
    import resource

    from cab_tasks.sandbox.processes import Child
    from cab_tasks.sandbox.records import Command, Limits
    from cab_tasks.sandbox.streams import Streams

_WARDEN = Path(__file__).with_name("warden.py")


class Bare:
    """
    One run in a temporary folder, which holds its tree, HOME and TMPDIR.
    """

    shifts_signals = False
    usage: resource.struct_rusage | None = None  # the warden waits for all

    def __init__(self, command: Command, limits: Limits, processes: int) -> None:
        sweep()
        name = f"{owner_prefix()}{os.getpid()}-"
        self.folder = Path(tempfile.mkdtemp(prefix=name)).resolve()
        writable = (mount.source for mount in command.mounts if mount.writable)
        self.watched = (self.folder, *writable)
        try:
            self._fill(command)
        except BaseException:
            self.close()
            raise
        order = self._order(command)
        # The limit counts all that this user runs, in and out of the sandbox.
        gate = limit_processes(processes and processes + _threads()) + 'exec "$@"'
        warden = (sys.executable, "-I", "-S", str(_WARDEN))
        self.argv: tuple[str, ...] = ("/bin/sh", "-c", gate, "cab", *warden)
        self.arguments = json.dumps(order).encode()

    def close(self) -> None:
        _remove(self.folder)

    def ready(self, streams: Streams) -> None:
        """
        Nothing to look up: the warden is our child.
        """

    def is_full(self) -> bool:
        """
        Never: size is watched from outside, see `Growth`.
        """
        return False

    def end(self, child: Child, streams: Streams) -> None:
        """
        The warden kills its descendants; should it have been killed itself, we look for them.
        """
        child.release()
        child.release()
        if not is_gone(child.pidfd, DEATH_S):
            kill(child.pidfd)
        deadline = time.monotonic() + DEATH_S
        while pids := _bearers(str(self.folder)):
            if time.monotonic() > deadline:
                raise SandboxError(f"processes {sorted(pids)} were killed and do not die")
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.002)

    def _fill(self, command: Command) -> None:
        for name in ("tree", "home", "tmp"):
            (self.folder / name).mkdir()
        if command.tree is not None:
            copy = ("cp", "-a", f"{command.tree}/.", str(self.folder / "tree"))
            done = subprocess.run(copy, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SandboxError(f"{command.tree}: cannot be copied: {done.stderr.strip()}")

    def _order(self, command: Command) -> dict[str, object]:
        places = {TREE: str(self.folder / "tree"), HOME: str(self.folder / "home")}
        places |= {mount.target: str(mount.source.absolute()) for mount in command.mounts}
        longest_first = sorted(places, key=len, reverse=True)
        pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})(?![\\w.-])")

        def here(text: str) -> str:
            return pattern.sub(lambda found: places[found[0]], text)

        env = {name: here(value) for name, value in command.variables().items()}
        env.setdefault("TMPDIR", str(self.folder / "tmp"))
        argv = [here(word) for word in command.argv]
        return {"argv": argv, "cwd": here(command.cwd), "env": env, "channel": command.channel}


def _bearers(folder: str) -> set[int]:
    """
    Processes whose environment names the folder; HOME does in all of one run.
    """
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if f"={folder}/".encode() in (entry / "environ").read_bytes():
                    found.add(int(entry.name))
    return found


def _threads() -> int:
    """
    How many threads this user runs on the machine.
    """
    total = 0
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                total += len(os.listdir(entry / "task"))  # noqa: PTH208 - names are enough
    return total


@functools.cache
def sweep() -> None:
    """
    Remove temporary folders of ours whose owner was killed before it could.
    """
    for folder in abandoned(Path(tempfile.gettempdir())):
        with contextlib.suppress(FileNotFoundError):  # another process sweeps, too
            if folder.stat().st_uid == os.getuid():
                _remove(folder)


def _remove(folder: Path) -> None:
    """
    Remove a folder whose contents may have been made unreadable.
    """
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder)
