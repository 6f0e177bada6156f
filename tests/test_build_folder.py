"""
Build folders made from others.
"""

import errno
import os
from pathlib import Path

import pytest

from cab_tasks.suite.build_folder import copy_warm, share_warm
from cab_tasks.suite.freshness import changed_files, recorded, settle

BUILT = {
    "debug/deps/libserde.rlib": b"a library",
    "debug/incremental/own/state.bin": b"what rustc remembers",
    "debug/build/own/out/own.rlib": b"what a build script has made",
}


@pytest.fixture
def first(tmp_path: Path) -> Path:
    folder = tmp_path / "worker-0"
    for name, data in BUILT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_workers_start_from_what_the_first_has_built(first: Path) -> None:
    others = [first.with_name(f"worker-{number}") for number in (1, 2)]
    others[1].mkdir()
    (others[1] / "own").write_bytes(b"of an earlier run")

    share_warm(first, others)

    assert contents(others[0]) == BUILT
    assert contents(others[1]) == {"own": b"of an earlier run"}
    assert {path.name for path in first.parent.iterdir() if path.is_dir()} == {
        "worker-0", "worker-1", "worker-2",
    }  # fmt: skip


def test_what_is_known_of_the_sources_comes_along(first: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "src").mkdir(parents=True)
    (tree / "src/lib.rs").write_text("")
    assert changed_files(tree, first) == ("src/lib.rs",)
    settle(tree, first)

    share_warm(first, [first.with_name("worker-1")])

    assert changed_files(tree, first.with_name("worker-1")) == ()


def test_a_copy_that_fails_is_no_folder_and_knows_nothing(first: Path) -> None:
    other = first.with_name("worker-1")
    other.with_name("worker-1.sources.json").write_text('{"src/lib.rs": "stale"}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shutil.copy2", _no_space)
        with pytest.raises(OSError, match="No space left"):
            share_warm(first, [other])
    assert not other.exists()
    assert recorded(other) == {}
    assert [path.name for path in first.parent.glob(".partial-*")] == []


def _no_space(source: str, target: str) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), target)


def test_pipes_are_left_out(first: Path) -> None:
    os.mkfifo(first / "debug/pipe")
    other = first.with_name("worker-1")
    share_warm(first, [other])
    assert contents(other) == BUILT
    assert not (other / "debug/pipe").exists()


def test_libraries_are_links_and_what_build_scripts_make_is_copied(first: Path) -> None:
    other = first.with_name("worker-1")
    share_warm(first, [other])
    assert (other / "debug/deps/libserde.rlib").samefile(first / "debug/deps/libserde.rlib")
    made = other / "debug/build/own/out/own.rlib"
    made.write_bytes(b"changed in place")
    assert contents(first) == BUILT


def test_times_are_kept_for_cargo_trusts_them(first: Path) -> None:
    other = first.with_name("worker-1")
    share_warm(first, [other])
    for name in BUILT:
        assert (other / name).stat().st_mtime_ns == (first / name).stat().st_mtime_ns


def test_nothing_to_share(tmp_path: Path) -> None:
    share_warm(tmp_path / "worker-0", [tmp_path / "worker-1"])
    assert [*tmp_path.iterdir()] == []


def test_other_code_does_without_what_the_compiler_remembers(first: Path) -> None:
    woven = first.with_name("woven")
    copy_warm(first, woven)
    assert set(contents(woven)) == set(BUILT) - {"debug/incremental/own/state.bin"}
