"""
Finished folders appear whole or not at all: written beside, synced, renamed.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def place(target: Path, *, durable: bool = True) -> Iterator[Path]:
    """
    A fresh folder beside `target` that takes its place when the block ends without an error.

    What stood at `target` is replaced. `durable` syncs every file first, so that the folder
    outlives a power cut; a cache that can be built again does without.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    around = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    beside = around / target.name
    beside.mkdir(mode=0o755)
    try:
        yield beside
        if durable:
            _sync(beside)
        _swap(beside, target, around / "replaced")
        if durable:
            _sync_path(target.parent)
    finally:
        shutil.rmtree(around, ignore_errors=True)


def _swap(beside: Path, target: Path, aside: Path) -> None:
    if target.is_symlink() or target.exists():
        target.rename(aside)
    beside.rename(target)


def _sync(root: Path) -> None:
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                _sync_path(path)
        _sync_path(Path(folder))


def _sync_path(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_partial(folder: Path) -> None:
    """
    Clear what a killed `place` left in a folder; the caller makes sure that none is under way.
    """
    for partial in folder.glob(".partial-*"):
        shutil.rmtree(partial)


@contextmanager
def lock(path: Path, waiting: Callable[[], object] = lambda: None) -> Iterator[None]:
    """
    Hold a lock file, alone on this machine; a process that dies lets go of it. `waiting` hears of
    it if another holds it now.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def take_number(folder: Path) -> int:
    """
    The lowest number that no process holds in a folder; this one holds it until it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        handle = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
        else:
            return number
    raise AssertionError("numbers do not end")
