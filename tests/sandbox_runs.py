"""
What the sandbox's tests share: a small tree, ways to run in it, and a look at what is left.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cab_tasks.sandbox import (
    Command,
    Finished,
    Limits,
    Mount,
    Policy,
    bubblewrap,
    cgroups,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20
PYTHON = str(Path(sys.executable).resolve())
TOOLCHAIN = () if sys.base_prefix.startswith("/usr") else (Path(sys.base_prefix),)
ROOT = Path(__file__).parent.parent
MOUNTS = tuple(Mount(prefix, str(prefix)) for prefix in TOOLCHAIN)
ISOLATED = pytest.mark.skipif(
    bool(bubblewrap.refusal()) and os.environ.get("CI") != "true",
    reason=bubblewrap.refusal() or "bubblewrap works",
)
GROUPS = {name for parent in cgroups.parents() for name in parent.controllers}
POLICIES = pytest.mark.parametrize(
    "policy", [pytest.param(Policy.REQUIRED, marks=ISOLATED), Policy.OFF]
)


def small_tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "pkg").mkdir(parents=True)
    (tree / "pkg" / "data.txt").write_text("as it was\n")
    (tree / "link").symlink_to("pkg/data.txt")
    (tree / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (tree / "run.sh").chmod(0o755)
    return tree


def shell(script: str, tree: Path, policy: Policy, limits: Limits | None = None) -> Finished:
    return run(Command(("sh", "-c", script), tree=tree), limits or Limits(), policy=policy)


def python(
    source: str, tree: Path, policy: Policy, limits: Limits, env: tuple[tuple[str, str], ...] = ()
) -> Finished:
    command = Command((PYTHON, "-I", "-c", source), tree=tree, mounts=MOUNTS, env=env)
    return run(command, limits, policy=policy)


def processes_named(*argv: str) -> list[int]:
    """
    Host processes with exactly this command line.
    """
    wanted = b"".join(word.encode() + b"\0" for word in argv)
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_bytes() == wanted:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def leftovers(owner: int | None = None) -> list[Path]:
    """
    Control groups of the runs of one process, by default this one.
    """
    return [
        folder
        for parent in cgroups.parents()
        for folder in parent.folder.glob(f"cab-*-{owner or os.getpid()}-*")
    ]


def becomes_true(claim: Callable[[], bool]) -> bool:
    """
    Whether it does within ten seconds.
    """
    deadline = time.monotonic() + 10
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
