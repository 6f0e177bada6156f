"""
Hostile programs: each ends as a named outcome, in time, with nothing left running.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from sandbox_runs import (
    GROUPS,
    ISOLATED,
    MIB,
    POLICIES,
    PYTHON,
    ROOT,
    becomes_true,
    leftovers,
    processes_named,
    python,
    shell,
    small_tree,
)

from cab_tasks.sandbox import (
    Command,
    Ended,
    Limits,
    Mount,
    Policy,
    cgroups,
    run,
)

if TYPE_CHECKING:
    from pathlib import Path

FORKS_A_DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve("/bin/sleep", ["sleep", os.environ["NAP"]], {})
    os._exit(0)
os.wait()
print("forked", flush=True)
"""
FILLS_THE_DISK = """
n = 0
while True:
    n += 1
    try:
        open(f"big{n}", "wb").write(bytes(1 << 20))
    except OSError:
        pass
"""
EATS_MEMORY = "hoard = []\nwhile True: hoard.append(bytearray(b'x' * (1 << 20)))"
PRINTS_A_GIGABYTE = "import sys\nfor _ in range(1024): sys.stdout.write('x' * (1 << 20))"
KILLS_ITS_PARENT = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"
FORKS_WITHOUT_END = """
import os, time
count = 0
while True:
    try:
        if os.fork() == 0:
            time.sleep(60)
        count += 1
    except OSError:
        break
print(count)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


@POLICIES
def test_sandbox_channel_is_bounded(tree: Path, policy: Policy) -> None:
    command = Command(("sh", "-c", "yes >&3"), tree=tree, channel=True)

    finished = run(command, Limits(channel_bytes=MIB), policy=policy)

    assert finished.ended is Ended.OUTPUT
    assert len(finished.channel) == MIB


@POLICIES
def test_sandbox_endless_loop_ends_as_timeout_in_time(tree: Path, policy: Policy) -> None:
    start = time.monotonic()

    finished = shell("echo begun; while :; do :; done", tree, policy, Limits(timeout_s=0.5))

    assert finished.ended is Ended.TIMEOUT
    assert finished.stdout == b"begun\n"
    assert 0.5 <= finished.duration_s < 2
    assert time.monotonic() - start < 5


@POLICIES
@pytest.mark.parametrize("limit_s", [30.0, 1.0], ids=["parent ends", "parent is stopped"])
def test_sandbox_daemon_is_gone_after_the_run(tree: Path, policy: Policy, limit_s: float) -> None:
    nap = f"7{os.getpid()}{int(limit_s)}"
    source = FORKS_A_DAEMON if limit_s > 1 else FORKS_A_DAEMON + "\ntime.sleep(60)"

    finished = python(source, tree, policy, Limits(timeout_s=limit_s), env=(("NAP", nap),))

    assert finished.ended is (Ended.EXITED if limit_s > 1 else Ended.TIMEOUT)
    assert finished.stdout == b"forked\n"
    assert processes_named("sleep", nap) == []
    assert leftovers() == []


@POLICIES
def test_sandbox_disk_filler_is_named_and_bounded(tree: Path, policy: Policy) -> None:
    finished = python(FILLS_THE_DISK, tree, policy, Limits(disk_bytes=8 * MIB, timeout_s=20))

    assert finished.ended is Ended.DISK
    assert finished.duration_s < 10


@ISOLATED
def test_sandbox_names_a_full_disk_even_if_the_program_ends_at_once(tree: Path) -> None:
    script = "head -c 3000000 /dev/zero > /tmp/a; head -c 3000000 /dev/zero > /tmp/b"

    finished = shell(script, tree, Policy.REQUIRED, Limits(disk_bytes=4 * MIB))

    assert finished.ended is Ended.DISK
    assert b"No space left" in finished.stderr


@POLICIES
def test_sandbox_names_a_single_file_that_is_too_large(tree: Path, policy: Policy) -> None:
    script = 'cd "$HOME"; exec head -c 9000000 /dev/zero > big'

    finished = shell(script, tree, policy, Limits(disk_bytes=4 * MIB))

    assert finished.ended is Ended.DISK
    assert finished.exit_code == -signal.SIGXFSZ


@ISOLATED
def test_sandbox_tree_larger_than_the_disk_limit_is_named(tree: Path) -> None:
    (tree / "big").write_bytes(bytes(8 * MIB))

    finished = shell("echo started", tree, Policy.REQUIRED, Limits(disk_bytes=4 * MIB))

    assert finished.ended is Ended.DISK
    assert finished.stdout == b""


@POLICIES
def test_sandbox_growth_of_a_writable_mount_is_named(
    tree: Path, tmp_path: Path, policy: Policy
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "old").write_bytes(bytes(8 * MIB))
    mount = Mount(target, "/cab/target", writable=True)
    script = "while :; do head -c 1000000 /dev/zero > /cab/target/$i; i=1$i; sleep 0.01; done"
    few = Command(("sh", "-c", "echo built > /cab/target/new"), tree=tree, mounts=(mount,))
    many = Command(("sh", "-c", script), tree=tree, mounts=(mount,))

    small = run(few, Limits(disk_bytes=4 * MIB), policy=policy)
    large = run(many, Limits(disk_bytes=4 * MIB, timeout_s=20), policy=policy)

    assert small.ended is Ended.EXITED
    assert (target / "new").read_text() == "built\n"
    assert large.ended is Ended.DISK


@POLICIES
@pytest.mark.skipif("memory" not in GROUPS, reason="no memory cgroup can be made here")
def test_sandbox_memory_eater_is_named(tree: Path, policy: Policy) -> None:
    finished = python(EATS_MEMORY, tree, policy, Limits(memory_bytes=96 * MIB, timeout_s=30))

    assert finished.ended is Ended.MEMORY
    assert finished.exit_code == -signal.SIGKILL


@POLICIES
def test_sandbox_memory_is_bounded_without_cgroups(
    tree: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroups, "parents", lambda: ())

    finished = python(EATS_MEMORY, tree, policy, Limits(memory_bytes=512 * MIB, timeout_s=30))

    assert (finished.ended, finished.exit_code) == (Ended.EXITED, 1)
    assert b"MemoryError" in finished.stderr


@POLICIES
def test_sandbox_gigabyte_of_output_ends_early(tree: Path, policy: Policy) -> None:
    finished = python(PRINTS_A_GIGABYTE, tree, policy, Limits(output_bytes=2 * MIB))

    assert finished.ended is Ended.OUTPUT
    assert finished.stdout == b"x" * 2 * MIB
    assert finished.duration_s < 5


@POLICIES
def test_sandbox_parent_killer_is_named_and_leaves_nothing(tree: Path, policy: Policy) -> None:
    finished = python(KILLS_ITS_PARENT, tree, policy, Limits(timeout_s=1.5))

    # Inside, the parent is the first process of its namespace, and no signal from there ends it.
    expected = Ended.TIMEOUT if policy is Policy.REQUIRED else Ended.SIGNALLED
    assert finished.ended is expected
    assert processes_named(PYTHON, "-I", "-c", KILLS_ITS_PARENT) == []


# Only in a PID namespace of its own: elsewhere it would kill all that this user runs.
@ISOLATED
def test_sandbox_killing_everything_reaches_nobody_outside(tree: Path) -> None:
    finished = shell("kill -9 -1; kill -9 $$", tree, Policy.REQUIRED)

    assert (finished.ended, finished.exit_code) == (Ended.SIGNALLED, -signal.SIGKILL)


@POLICIES
@pytest.mark.skipif("pids" not in GROUPS, reason="no pids cgroup can be made here")
def test_sandbox_fork_bomb_is_bounded_and_gone(tree: Path, policy: Policy) -> None:
    finished = python(FORKS_WITHOUT_END, tree, policy, Limits(processes=40, timeout_s=20))

    assert finished.ended is Ended.EXITED
    assert 30 <= int(finished.stdout) <= 44
    assert processes_named(PYTHON, "-I", "-c", FORKS_WITHOUT_END) == []


def test_sandbox_daemon_dies_without_bubblewrap_and_without_cgroups(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroups, "parents", lambda: ())
    nap = f"8{os.getpid()}"

    finished = python(FORKS_A_DAEMON, tree, Policy.OFF, Limits(), env=(("NAP", nap),))

    assert finished.stdout == b"forked\n"
    assert processes_named("sleep", nap) == []


@POLICIES
def test_sandbox_interrupt_kills_the_run(
    tree: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    nap = f"9{os.getpid()}"
    timer = threading.Timer(0.5, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        shell(f"exec sleep {nap}", tree, policy)

    assert processes_named("sleep", nap) == []
    assert leftovers() == []


CALLS_THE_SANDBOX = """
import sys
from cab_tasks.sandbox import Command, Limits, Policy, run
run(Command(("sleep", sys.argv[1])), Limits(), policy=Policy(sys.argv[2]))
"""


@POLICIES
def test_sandbox_run_dies_with_a_killed_caller_and_the_next_one_sweeps(
    tree: Path, tmp_path: Path, policy: Policy
) -> None:
    nap = f"6{os.getpid()}"
    caller = subprocess.Popen(
        (sys.executable, "-c", CALLS_THE_SANDBOX, nap, policy.value),
        env={"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )
    assert becomes_true(lambda: len(processes_named("sleep", nap)) == 1)
    caller.kill()
    caller.wait()

    is_dead = becomes_true(lambda: not processes_named("sleep", nap))
    subprocess.run(
        (sys.executable, "-c", CALLS_THE_SANDBOX, "0", policy.value),
        env={"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        check=True,
    )

    assert is_dead
    assert leftovers(caller.pid) == []
    assert list(tmp_path.glob("cab-*")) == []
