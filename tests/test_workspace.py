"""
The workspace: trees, links, hashes, and folders that appear whole.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from cab_tasks import workspace
from cab_tasks.workspace import LinkError
from mutators.base import Edit, StaleEditError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    workspace.write(root, "src/a.py", b"x = 1\r\n")
    workspace.write(root, "run.sh", b"#!/bin/sh\n", executable=True)
    workspace.write(root, "src/__pycache__/a.pyc", b"\0")
    workspace.write_link(root, "src/link.py", "a.py")
    return root


def test_paths_are_sorted_and_leave_out_what_is_skipped(tree: Path) -> None:
    os.mkfifo(tree / "pipe")

    everything = workspace.paths(tree)
    sources = workspace.paths(tree, skip=workspace.CACHES)

    assert everything == ("run.sh", "src/__pycache__/a.pyc", "src/a.py", "src/link.py")
    assert sources == ("run.sh", "src/a.py", "src/link.py")


def test_read_gives_git_modes_and_a_links_target(tree: Path) -> None:
    assert workspace.read(tree, "src/a.py") == (0o100644, b"x = 1\r\n")
    assert workspace.read(tree, "run.sh") == (0o100755, b"#!/bin/sh\n")
    assert workspace.read(tree, "src/link.py") == (0o120000, b"a.py")


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "out/secret", "src/../../x", ""])
def test_read_and_write_refuse_paths_that_leave_the_tree(tree: Path, path: str) -> None:
    secret = tree.parent / "secret"
    secret.write_bytes(b"secret")
    (tree / "out").symlink_to(tree.parent)

    with pytest.raises(LinkError):
        workspace.read(tree, path)
    with pytest.raises(LinkError):
        workspace.write(tree, path, b"broken")

    assert secret.read_bytes() == b"secret"


def test_write_replaces_a_link_instead_of_writing_through_it(tree: Path) -> None:
    workspace.write(tree, "src/link.py", b"new")

    assert workspace.read(tree, "src/link.py") == (0o100644, b"new")
    assert workspace.read(tree, "src/a.py") == (0o100644, b"x = 1\r\n")


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc", ".."])
def test_links_out_of_the_tree_are_refused(tree: Path, target: str) -> None:
    with pytest.raises(LinkError, match="leads out of the tree"):
        workspace.write_link(tree, "out", target)


def test_links_out_of_the_tree_over_other_links_are_refused(tree: Path) -> None:
    workspace.write_link(tree, "p/q/r", ".")
    workspace.write_link(tree, "out", "p/q/r/r/r/../../../..")

    with pytest.raises(LinkError, match="leads out of the tree"):
        workspace.check_links(tree)


def test_tree_hash_sees_content_mode_name_and_link_but_not_time(tree: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    workspace.copy_tree(tree, copy)
    os.utime(copy / "src" / "a.py", (0, 0))
    same = workspace.tree_hash(copy)

    (copy / "run.sh").chmod(0o644)
    other_mode = workspace.tree_hash(copy)
    (copy / "src" / "link.py").unlink()
    workspace.write_link(copy, "src/link.py", "b.py")
    other_link = workspace.tree_hash(copy)

    assert same == workspace.tree_hash(tree)
    assert len({same, other_mode, other_link}) == 3


def test_edit_file_changes_only_its_bytes_and_keeps_the_mode(tree: Path) -> None:
    workspace.edit_file(tree, "run.sh", [Edit(2, b"/bin/sh", b"/bin/bash")])

    assert workspace.read(tree, "run.sh") == (0o100755, b"#!/bin/bash\n")


def test_edit_file_refuses_stale_edits(tree: Path) -> None:
    with pytest.raises(StaleEditError):
        workspace.edit_file(tree, "src/a.py", [Edit(0, b"y", b"z")])

    assert workspace.read(tree, "src/a.py")[1] == b"x = 1\r\n"


def test_place_shows_a_folder_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out" / "bundle"

    with workspace.place(target) as beside:
        workspace.write(beside, "task.yaml", b"id")
        seen_early = target.exists()

    assert not seen_early
    assert workspace.read_files(target) == (("task.yaml", b"id"),)
    assert [path.name for path in target.parent.iterdir()] == ["bundle"]


def test_place_keeps_the_old_folder_when_the_block_fails(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    workspace.write(target, "task.yaml", b"old")

    def fail() -> None:
        with workspace.place(target) as beside:
            workspace.write(beside, "task.yaml", b"new")
            raise ValueError("half done")

    with pytest.raises(ValueError, match="half"):
        fail()

    assert workspace.read_files(target) == (("task.yaml", b"old"),)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_place_replaces_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    workspace.write(target, "gone.txt", b"old")

    with workspace.place(target) as beside:
        workspace.write(beside, "task.yaml", b"new")

    assert workspace.read_files(target) == (("task.yaml", b"new"),)


def test_lock_tells_who_has_to_wait_and_lets_in_once_it_is_free(tmp_path: Path) -> None:
    told, order = threading.Event(), []

    def second() -> None:
        with workspace.lock(tmp_path / "one.lock", told.set):
            order.append("second")

    with workspace.lock(tmp_path / "one.lock", lambda: order.append("had to wait")):
        thread = threading.Thread(target=second)
        thread.start()
        assert told.wait(10)
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]
