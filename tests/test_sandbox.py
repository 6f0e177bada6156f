"""
The sandbox's runs, with and without bubblewrap: what goes in and what comes back.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sandbox_runs import (
    ISOLATED,
    MOUNTS,
    POLICIES,
    PYTHON,
    python,
    shell,
    small_tree,
)

from cab_tasks.errors import SandboxError
from cab_tasks.sandbox import (
    TREE,
    Command,
    Ended,
    Limits,
    Mount,
    Policy,
    SandboxWarning,
    bubblewrap,
    describe,
    run,
    spawn,
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


@POLICIES
def test_sandbox_runs_a_command_in_a_copy_of_the_tree(tree: Path, policy: Policy) -> None:
    finished = shell("./run.sh; cat link; readlink link; echo err >&2; exit 3", tree, policy)

    assert finished.ended is Ended.EXITED
    assert finished.exit_code == 3
    assert finished.stdout == b"ran\nas it was\npkg/data.txt\n"
    assert finished.stderr == b"err\n"
    assert finished.channel == b""
    assert 0 < finished.duration_s < 10


@POLICIES
def test_sandbox_never_writes_to_the_source_tree(tree: Path, policy: Policy) -> None:
    before = sorted((path, path.lstat().st_mtime_ns) for path in tree.rglob("*"))

    finished = shell(
        "echo new > pkg/data.txt && rm run.sh && cat link; echo x > /cab/.source/made", tree, policy
    )

    assert finished.stdout == b"new\n"
    assert finished.stderr != b""
    assert (tree / "pkg" / "data.txt").read_text() == "as it was\n"
    assert sorted((path, path.lstat().st_mtime_ns) for path in tree.rglob("*")) == before


@POLICIES
def test_sandbox_standard_input_is_empty(tree: Path, policy: Policy) -> None:
    finished = shell("cat; echo end", tree, policy)

    assert finished.stdout == b"end\n"


@POLICIES
def test_sandbox_channel_returns_every_byte(tree: Path, policy: Policy) -> None:
    command = Command(
        (
            PYTHON,
            "-I",
            "-c",
            "import os\nwith open(3, 'wb') as f: f.write(bytes(range(256))*20000)",
        ),
        tree=tree,
        mounts=MOUNTS,
        channel=True,
    )

    finished = run(command, Limits(), policy=policy)

    assert finished.ended is Ended.EXITED
    assert finished.channel == bytes(range(256)) * 20000


@POLICIES
def test_sandbox_names_missing_program_and_folder_like_a_shell(tree: Path, policy: Policy) -> None:
    missing = run(Command(("no-such-program",), tree=tree), Limits(), policy=policy)
    nowhere = run(Command(("true",), tree=tree, cwd=f"{TREE}/gone"), Limits(), policy=policy)

    assert (missing.ended, missing.exit_code) == (Ended.EXITED, 127)
    assert b"no-such-program" in missing.stderr
    assert (nowhere.ended, nowhere.exit_code) == (Ended.EXITED, 126)


def test_sandbox_without_bubblewrap_translates_the_fixed_paths(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "fact").write_text("known\n")
    script = 'cat "$1" /cab/tree/pkg/data.txt; echo "$P"; pwd; cd "$HOME" && pwd'
    command = Command(
        ("sh", "-c", script, "sh", "/cab/env/fact"),
        tree=tree,
        cwd="/cab/tree/pkg",
        env=(("P", "/cab/tree/src:/cab/env:/cab/environ"),),
        mounts=(Mount(tmp_path / "env", "/cab/env"),),
    )

    finished = run(command, Limits(), policy=Policy.OFF)

    known, data, path, cwd, home = finished.stdout.decode().splitlines()
    assert (known, data) == ("known", "as it was")
    private = Path(cwd).parent.parent
    assert (cwd, home) == (f"{private}/tree/pkg", f"{private}/home")
    assert path == f"{private}/tree/src:{tmp_path}/env:/cab/environ"
    assert not private.exists()


def test_sandbox_without_bubblewrap_removes_unreadable_leftovers(tree: Path) -> None:
    finished = shell("pwd; mkdir -p a/b && touch a/b/c && chmod 0 a/b a pkg", tree, Policy.OFF)

    assert finished.exit_code == 0
    assert not Path(finished.stdout.decode().strip()).parent.exists()


@POLICIES
def test_sandbox_runs_in_many_threads_at_once(tree: Path, policy: Policy) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))

    with ThreadPoolExecutor(4) as pool:
        finished = list(pool.map(lambda n: shell(f"echo {n}", tree, policy), range(8)))

    assert [one.stdout for one in finished] == [f"{n}\n".encode() for n in range(8)]
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@POLICIES
def test_sandbox_tells_what_all_processes_used(tree: Path, policy: Policy) -> None:
    source = """
import os, time
data = bytearray(100 << 20)
while time.process_time() < 0.5:
    pass
if not os.fork():
    while time.process_time() < 0.5:
        pass
    os._exit(0)
os.wait()
"""

    done = python(source, tree, policy, Limits())

    assert 1.0 <= done.cpu_s < 3.0
    assert done.peak_bytes > 100 << 20  # a fork of ours, however large, counts until it is another


@ISOLATED
def test_sandbox_missing_mount_is_an_error_that_names_it(tree: Path, tmp_path: Path) -> None:
    mount = Mount(tmp_path / "gone", "/cab/env")

    with pytest.raises(SandboxError, match="gone: No such file or directory"):
        run(Command(("true",), tree=tree, mounts=(mount,)), Limits())


@POLICIES
def test_sandbox_refuses_mounts_inside_the_tree(tree: Path, policy: Policy) -> None:
    command = Command(("true",), tree=tree, mounts=(Mount(tree, f"{TREE}/x", writable=True),))

    with pytest.raises(SandboxError, match="/cab/tree/x: mounts inside"):
        run(command, Limits(), policy=policy)


def test_sandbox_without_bubblewrap_warns_once_and_refuses_where_required(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "refusal", lambda: "bubblewrap (bwrap) is not installed")
    spawn._warn.cache_clear()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        first = shell("echo ran", tree, Policy.AUTO)
        second = shell("echo ran", tree, Policy.AUTO)
    with pytest.raises(SandboxError, match="not installed; install it"):
        shell("echo ran", tree, Policy.REQUIRED)

    assert (first.stdout, second.stdout) == (b"ran\n", b"ran\n")
    assert [warning.category for warning in caught] == [SandboxWarning]
    assert describe()["walls"] == "bubblewrap (bwrap) is not installed"


def test_sandbox_describes_walls_and_limits() -> None:
    means = describe()

    assert set(means) == {"walls", "limits"}
    assert means["walls"].startswith("bubblewrap")
    assert "memory: " in means["limits"]
    assert "pids: " in means["limits"]
