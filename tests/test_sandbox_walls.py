"""
What a program in the sandbox can see and reach.
"""

from __future__ import annotations

import ctypes
import os
import socket
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

from cab_tasks.sandbox import (
    HOME,
    TREE,
    Command,
    Limits,
    Mount,
    Policy,
    run,
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


@ISOLATED
def test_sandbox_environment_is_what_was_named_and_nothing_else(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "do not leak")

    finished = run(Command(("env",), tree=tree, env=(("SEEN", "a b'c\n"),)), Limits())

    assert sorted(finished.stdout.decode().rstrip("\n").split("\n")) == [
        "",
        f"HOME={HOME}",
        "LANG=C.UTF-8",
        "PATH=/usr/local/bin:/usr/bin:/bin",
        f"PWD={TREE}",
        "SEEN=a b'c",
        "TZ=UTC",
    ]


def test_sandbox_without_bubblewrap_has_a_clean_environment(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "do not leak")

    finished = run(Command(("env",), tree=tree), Limits(), policy=Policy.OFF)

    names = {line.split("=")[0] for line in finished.stdout.decode().splitlines()}
    assert names == {"HOME", "LANG", "PATH", "PWD", "TMPDIR", "TZ"}


@POLICIES
def test_sandbox_gives_only_the_three_standard_descriptors(tree: Path, policy: Policy) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)

    finished = python(
        "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])",
        tree,
        policy,
        Limits(),
    )

    os.close(read)
    os.close(write)
    assert finished.stdout == b"[0, 1, 2]\n"


@ISOLATED
def test_sandbox_has_no_network_unless_asked_for(tree: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = (
            f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))"
        )
        argv = (PYTHON, "-I", "-c", source)

        offline = run(Command(argv, tree=tree, mounts=MOUNTS), Limits())
        online = run(Command(argv, tree=tree, mounts=MOUNTS, network=True), Limits())

    assert offline.exit_code == 1
    assert b"ConnectionRefusedError" in offline.stderr
    assert (online.exit_code, online.stderr) == (0, b"")


@ISOLATED
def test_sandbox_has_a_loopback_of_its_own(tree: Path) -> None:
    source = (
        "import socket; s = socket.create_server(('127.0.0.1', 0));"
        "socket.create_connection(s.getsockname()); print('met')"
    )

    finished = python(source, tree, Policy.REQUIRED, Limits())

    assert finished.stdout == b"met\n"


@ISOLATED
def test_sandbox_shows_nothing_of_this_machine(tree: Path) -> None:
    home = Path.home()
    script = (
        f"ls {home}/* {Path(__file__).parent} {tree} /run /var/lib; ls /; cat /etc/passwd; hostname"
    )

    finished = shell(script, tree, Policy.REQUIRED)

    lines = finished.stdout.decode().splitlines()
    assert finished.stderr.count(b"cannot access") == 5
    assert {"home", "root", "run", "opt", "srv", "mnt", "sys", "boot"}.isdisjoint(lines)
    assert "cab:x:1000:1000:cab:/cab/home:/bin/sh" in lines
    assert lines[-1] == "cab"
    assert socket.gethostname() not in lines


@ISOLATED
def test_sandbox_command_line_of_the_first_process_names_no_host_path(tree: Path) -> None:
    finished = shell("tr '\\0' ' ' < /proc/1/cmdline; cat /proc/1/environ", tree, Policy.REQUIRED)

    assert b"bwrap" in finished.stdout
    assert str(tree).encode() not in finished.stdout
    assert str(Path.home()).encode() + b"/" not in finished.stdout


@ISOLATED
def test_sandbox_only_the_sized_folders_can_be_written(tree: Path) -> None:
    script = (
        "for d in / /cab /etc /usr /dev /var /cab/.source /proc"
        " /tmp /var/tmp /dev/shm /cab/home /cab/tree;"
        " do if echo x > $d/probe; then echo $d; fi; done 2>/dev/null"
    )

    finished = shell(script, tree, Policy.REQUIRED)

    assert finished.stdout.split() == [
        b"/tmp",
        b"/var/tmp",
        b"/dev/shm",
        b"/cab/home",
        b"/cab/tree",
    ]


@ISOLATED
def test_sandbox_read_only_mount_cannot_be_written(tree: Path, tmp_path: Path) -> None:
    source = tmp_path / "env"
    source.mkdir()
    (source / "fact").write_text("known\n")
    script = "cat /cab/env/fact; echo x > /cab/env/fact"

    finished = run(
        Command(("sh", "-c", script), tree=tree, mounts=(Mount(source, "/cab/env"),)), Limits()
    )

    assert finished.stdout == b"known\n"
    assert b"Read-only" in finished.stderr
    assert (source / "fact").read_text() == "known\n"


@ISOLATED
def test_sandbox_gives_no_new_user_namespaces(tree: Path) -> None:
    finished = shell("unshare -U true && echo made", tree, Policy.REQUIRED)

    assert finished.stdout == b""
    assert finished.exit_code != 0


@ISOLATED
def test_sandbox_settings_of_the_kernel_cannot_be_written(tree: Path) -> None:
    script = "s=/proc/sys/vm/swappiness; v=$(cat $s) && echo read && echo $v > $s && echo written"

    finished = shell(script, tree, Policy.REQUIRED)

    assert finished.stdout == b"read\n"
    assert finished.exit_code != 0


@POLICIES
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of system calls")
def test_sandbox_has_a_keyring_of_its_own(tree: Path, policy: Policy) -> None:
    """
    keyctl(2) by number, of the session's keyring (-3): the library's words are no part of libc.
    """
    add, search = '248, b"user", b"own", b"1", 1, -3', "250, 10, -3"
    calls = "import ctypes; made = ctypes.CDLL(None).syscall({}); print(made > 0)"
    put, look = calls.format(add), calls.format(f'{search}, b"user", b"own", 0')

    def seen() -> tuple[bool, bytes, bytes]:
        joined = ctypes.CDLL(None).syscall(250, 1, None) > 0
        runs = [python(code, tree, policy, Limits()) for code in (put, look)]
        return joined, runs[0].stdout, runs[1].stdout

    with ThreadPoolExecutor(1) as thread:
        joined, first, second = thread.submit(seen).result()

    if not joined or first != b"True\n":
        pytest.skip("no keyrings here")
    assert second == b"False\n"
