"""
Where control groups can be made, on folders laid out like the kernel's (cgroups(7)).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from cab_tasks.sandbox import Limits, cgroups
from cab_tasks.sandbox.cgroups import Group, Parent

if TYPE_CHECKING:
    from pathlib import Path


def hierarchy(root: Path, enabled: dict[str, str]) -> None:
    """
    A version 2 hierarchy; maps each folder to the controllers that its children may have.
    """
    for name, controllers in enabled.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / "cgroup.subtree_control").write_text(controllers)


def test_sandbox_uses_the_nearest_delegated_group(tmp_path: Path) -> None:
    own = "user.slice/user@1000.service/app.slice/terminal.scope"
    hierarchy(
        tmp_path,
        {
            ".": "cpu memory pids",
            "user.slice": "cpu memory pids",
            "user.slice/user@1000.service": "memory pids",
            "user.slice/user@1000.service/app.slice": "cpu",
            own: "",
        },
    )

    first = next(cgroups._delegated(tmp_path, tmp_path / own))

    expected = tmp_path / "user.slice/user@1000.service"
    assert first == Parent(expected, 2, ("memory", "pids"))


def test_sandbox_never_looks_above_the_mount_point(tmp_path: Path) -> None:
    hierarchy(tmp_path, {".": "memory pids", "mount": "", "mount/own": ""})

    assert list(cgroups._delegated(tmp_path / "mount", tmp_path / "mount" / "own")) == []


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        pytest.param("/", "/a/b", "a/b", id="the whole hierarchy is mounted"),
        pytest.param("/docker/c1", "/docker/c1/a", "a", id="a container sees its own part"),
        pytest.param("/", "/docker/c1", ".", id="the path is the host's, and not mounted"),
    ],
)
def test_sandbox_finds_its_own_group(tmp_path: Path, root: str, path: str, expected: str) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)

    assert cgroups._below(tmp_path, root, path) == tmp_path / expected


@pytest.mark.parametrize(
    ("version", "counters"), [(1, "memory.oom_control"), (2, "memory.events")], ids=["v1", "v2"]
)
def test_sandbox_reads_kills_for_memory(tmp_path: Path, version: int, counters: str) -> None:
    parent = Parent(tmp_path.parent, version, ("memory",))
    group = Group(((parent, tmp_path),))

    (tmp_path / counters).write_text("oom 3\nunder_oom 0\noom_kill 0\n")
    before = group.killed_for_memory()
    (tmp_path / counters).write_text("oom 3\nunder_oom 0\noom_kill 2\n")

    assert (before, group.killed_for_memory()) == (False, True)


@pytest.mark.skipif(not cgroups.parents(), reason="no control group can be made here")
def test_sandbox_group_has_its_limits_and_is_removed() -> None:
    with cgroups.group(Limits(memory_bytes=64 << 20, processes=7)) as group:
        folders = [folder for _, folder in group.folders]
        pids = [f / "pids.max" for f in folders if (f / "pids.max").exists()]
        memory = [
            folder / name
            for folder in folders
            for name in ("memory.limit_in_bytes", "memory.max")
            if (folder / name).exists()
        ]
        limits = {path.read_text().strip() for path in (*pids, *memory)}

        assert limits <= {"11", str(64 << 20)}
        assert all(f"-{os.getpid()}-" in folder.name for folder in folders)

    assert not any(folder.exists() for folder in folders)
