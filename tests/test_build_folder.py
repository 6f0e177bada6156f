"""
Build folders made from others.
"""

from pathlib import Path

import pytest

from cab_tasks.suite.build_folder import copy_warm, share_warm

BUILT = {
    "debug/deps/libserde.rlib": b"a library",
    "debug/incremental/own/state.bin": b"what rustc remembers",
    ".cab-sources.json": b"{}",
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

    share_warm([first, *others])

    assert contents(others[0]) == BUILT
    assert contents(others[1]) == {"own": b"of an earlier run"}
    assert {path.name for path in first.parent.iterdir()} == {"worker-0", "worker-1", "worker-2"}


def test_times_are_kept_for_cargo_trusts_them(first: Path) -> None:
    other = first.with_name("worker-1")
    share_warm([first, other])
    for name in BUILT:
        assert (other / name).stat().st_mtime_ns == (first / name).stat().st_mtime_ns


def test_what_a_worker_writes_stays_its_own(first: Path) -> None:
    other = first.with_name("worker-1")
    share_warm([first, other])
    (other / ".cab-sources.json").write_bytes(b"changed")
    assert contents(first) == BUILT


@pytest.mark.parametrize("targets", [[], [None, None], [Path("nowhere"), Path("neither")]])
def test_nothing_to_share(targets: list[Path | None]) -> None:
    share_warm(targets)
    assert not any(one.exists() for one in targets if one is not None)


def test_other_code_does_without_what_the_compiler_remembers(first: Path) -> None:
    woven = first.with_name("woven")
    copy_warm(first, woven)
    assert set(contents(woven)) == set(BUILT) - {"debug/incremental/own/state.bin"}
