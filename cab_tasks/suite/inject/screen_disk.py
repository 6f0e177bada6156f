"""
Files while mutants are screened: forks share them, so what one has changed is put back.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from typing import TYPE_CHECKING, Any

from .reach import FORKS, STARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

# ruff: noqa: PTH101, PTH103, PTH108, PTH112, PTH115, PTH123, PTH211
# pathlib may be what the seed tests or replaces.

_KEPT_BYTES = 64 << 20  # of all files together, in memory
_SANDBOX_TREE = "/cab/tree"  # there, the other folders are the sandbox's own too
_PRIVATE = ("/tmp", "/var/tmp", "/dev/shm")
_LATER_NS = 10_000_000_000  # a file with a bug is never as old as its compiled right one
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_UNNAMED = getattr(os, "O_TMPFILE", 0)  # a file that no folder lists
_CHANGES = frozenset((
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.symlink", "os.truncate", "os.utime", "sqlite3.connect",
))  # fmt: skip


class Watch:
    """
    Notes what the running process changes, from when it is told to; hooks cannot be taken off.
    """

    def __init__(self, root: str) -> None:
        self._root = root + os.sep
        self._is_on = False
        self.has_changed_tree = self.has_changed_others = False
        sys.addaudithook(self._hear)

    def begin(self) -> None:
        self.has_changed_tree = self.has_changed_others = False
        self._is_on = True

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_on:
            return
        if event == "open" and len(arguments) == 3:
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING and flags & _UNNAMED != _UNNAMED:
                self._note(path)
        elif event in _CHANGES:
            for path in arguments[:2]:
                self._note(path)
        elif event in STARTS or event in FORKS:
            self.has_changed_tree = self.has_changed_others = True

    def _note(self, path: Any) -> None:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str):
            return
        if not path.startswith("/") or path.startswith(self._root):
            self.has_changed_tree = True
        elif not path.startswith(("/dev/null", "/proc/")):
            self.has_changed_others = True


class Disk:
    """
    What the tree and the folders for scratch hold now, and that again after each fork.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._kept: dict[str, bytes] = {}  # of links, their targets
        self._tree = dict(_entries(root))
        self._keep()
        home, temporary = os.environ.get("HOME", ""), os.environ.get("TMPDIR", "")
        others = (home, *_PRIVATE) if root == _SANDBOX_TREE else (home, temporary)
        self._others = {
            place: dict(_entries(place)) for place in others if place and os.path.isdir(place)
        }
        self._sizes = self._measure()

    def put(self, path: str, data: bytes) -> None:
        """
        A file of the tree, changed for one fork.
        """
        if not self._tree[path].st_mode & stat.S_IWUSR:
            os.chmod(path, self._tree[path].st_mode | stat.S_IWUSR)
        with open(path, "wb") as handle:
            handle.write(data)
        _set_times(path, self._tree[path], _LATER_NS)

    def restore(self, edited: str, *, has_changed_tree: bool, has_changed_others: bool) -> bool:
        """
        Put back the file that was `edited`, if one was, and what forks have changed, as far as is
        told or seen; False if that cannot be.
        """
        try:
            return self._restore(edited, has_changed_tree, has_changed_others)
        except OSError:
            return False

    def _restore(self, edited: str, has_changed_tree: bool, has_changed_others: bool) -> bool:
        if edited and not has_changed_tree:
            self.put(edited, self._kept[edited])
            _set_times(edited, self._tree[edited])
        if self._measure() != self._sizes:
            has_changed_tree = has_changed_others = True
        if has_changed_others:
            for place, entries in self._others.items():
                _remove_new(place, entries)
        is_whole = not has_changed_tree or self._restore_tree()
        is_whole = is_whole and (not has_changed_others or self._has_old_others())
        self._sizes = self._measure()
        return is_whole

    def _has_old_others(self) -> bool:
        """
        Whether what was outside of the tree before is there as it was; none of it is kept.
        """
        for place, entries in self._others.items():
            now = dict(_entries(place))
            if any(
                path not in now or not _is_equal(now[path], was) for path, was in entries.items()
            ):
                return False
        return True

    def _restore_tree(self) -> bool:
        _remove_new(self._root, self._tree)
        now = dict(_entries(self._root))
        for path, was in self._tree.items():
            found = now.get(path)
            if found is not None and _is_equal(found, was):
                continue
            if stat.S_ISDIR(was.st_mode) and (found is None or stat.S_ISDIR(found.st_mode)):
                os.makedirs(path, exist_ok=True)
            elif path not in self._kept:
                return False
            else:
                self._write_again(path, was)
        return True

    def _write_again(self, path: str, was: os.stat_result) -> None:
        if os.path.lexists(path):
            is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
            shutil.rmtree(path) if is_folder else os.unlink(path)
        if stat.S_ISLNK(was.st_mode):
            os.symlink(self._kept[path], os.fsencode(path))
            return
        with open(path, "wb") as handle:
            handle.write(self._kept[path])
        os.chmod(path, stat.S_IMODE(was.st_mode))
        _set_times(path, was)

    def _keep(self) -> None:
        left = _KEPT_BYTES
        for path, found in sorted(self._tree.items(), key=lambda pair: pair[1].st_size):
            if stat.S_ISLNK(found.st_mode):
                self._kept[path] = os.readlink(os.fsencode(path))
            elif stat.S_ISREG(found.st_mode) and found.st_size <= left:
                with open(path, "rb") as handle:
                    self._kept[path] = handle.read()
                left -= found.st_size

    def _measure(self) -> list[tuple[int, int]]:
        """
        Free room of each folder's file system: what a library in C has written shows here too.
        """
        told = [os.statvfs(place) for place in (self._root, *self._others)]
        return [(found.f_bfree, found.f_ffree) for found in told]


def _entries(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """
    All below a folder, itself not told; links are not followed.
    """
    with os.scandir(folder) as listed:
        for entry in listed:
            yield entry.path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(entry.path)


def _is_equal(one: os.stat_result, other: os.stat_result) -> bool:
    if stat.S_ISDIR(one.st_mode):
        return one.st_mode == other.st_mode
    parts = ("st_mode", "st_size", "st_mtime_ns")
    return all(getattr(one, part) == getattr(other, part) for part in parts)


def _remove_new(place: str, entries: dict[str, os.stat_result]) -> None:
    with os.scandir(place) as listed:
        found = list(listed)
    for entry in found:
        if entry.path in entries:
            if entry.is_dir(follow_symlinks=False):
                _remove_new(entry.path, entries)
        elif entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)


def _set_times(path: str, was: os.stat_result, later_ns: int = 0) -> None:
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns + later_ns))
