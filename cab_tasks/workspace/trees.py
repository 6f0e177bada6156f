"""
Source trees: walked by lstat, read as bytes, copied and edited without ever following a link out.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import os
import re
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mutators.base import apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mutators.base import Edit

# What tools leave behind in a working folder; never part of a repository's source.
CACHES = (
    ".git", ".hg", ".svn", "__pycache__", "*.pyc", "*.pyo", ".pytest_cache", ".mypy_cache",
    ".ruff_cache", ".hypothesis", ".tox", ".nox", ".venv", "venv", "node_modules", "target",
    "*.egg-info", ".eggs", ".coverage", "htmlcov", ".DS_Store", ".idea", ".cache",
)  # fmt: skip

_PIECE = 1 << 18


class LinkError(ValueError):
    """
    A path leaves its tree, by `..`, from the root, or through a link.
    """


def paths(root: Path, *, skip: Iterable[str] = ()) -> tuple[str, ...]:
    """
    Files and links of a tree, relative with `/`, sorted; no folders, sockets or devices.

    `skip` are name patterns; a folder that matches is not entered. Links are listed, not followed.
    """
    return tuple(sorted(path for path, _ in _walk(root, tuple(skip))))


def entries(root: Path, *, skip: Iterable[str] = ()) -> Iterator[tuple[str, os.stat_result]]:
    """
    As `paths`, in no order, each with its `lstat`.
    """
    return ((path, entry.stat(follow_symlinks=False)) for path, entry in _walk(root, tuple(skip)))


def _walk(root: Path, skip: tuple[str, ...]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    # A stack of our own: a tree of an agent may be deeper than Python's.
    stack = [(str(root), "")]
    left_out = re.compile("|".join(map(fnmatch.translate, skip)) or r"(?!)").match
    while stack:
        folder, prefix = stack.pop()
        with os.scandir(folder) as found:
            for entry in found:
                if left_out(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    stack.append((entry.path, f"{prefix}{entry.name}/"))
                elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
                    yield prefix + entry.name, entry


def inside(root: Path, path: str) -> Path:
    """
    Where a tree's path is on disk.

    Raises:
        LinkError: it is absolute, has `..`, or one of its folders is a link.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts or path.startswith("/") or ".." in parts:
        raise LinkError(f"{path}: leaves the tree")
    # Plain strings: this runs once a file for every trial, and pathlib is ten times slower.
    place = str(root)
    for part in parts[:-1]:
        place = f"{place}/{part}"
        if os.path.islink(place):  # noqa: PTH114
            raise LinkError(f"{path}: goes through a link")
    return Path(f"{place}/{parts[-1]}")


def read(root: Path, path: str) -> tuple[int, bytes]:
    """
    Mode as git writes it (0o100644, 0o100755, 0o120000) and bytes; of a link, its target.
    """
    return _read_at(inside(root, path), path)


def _read_at(place: Path, path: str) -> tuple[int, bytes]:
    mode = place.lstat().st_mode
    if stat.S_ISLNK(mode):
        return 0o120000, os.fsencode(place.readlink())
    if not stat.S_ISREG(mode):
        raise LinkError(f"{path}: neither file nor link")
    return (0o100755 if mode & stat.S_IXUSR else 0o100644), place.read_bytes()


def is_same(one: str, other: str) -> bool:
    """
    Whether two regular files have the same bytes; neither is held as a whole, no link followed.
    """
    with _opened(one) as first, _opened(other) as second:
        while (piece := os.read(first, _PIECE)) == os.read(second, _PIECE):
            if not piece:
                return True
    return False


@contextmanager
def _opened(place: str) -> Iterator[int]:
    handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def read_files(root: Path, *, skip: Iterable[str] = ()) -> tuple[tuple[str, bytes], ...]:
    """
    The regular files of a tree with their bytes, sorted by path; links are left out.
    """
    found = ((path, _read_at(root / path, path)) for path in paths(root, skip=skip))
    return tuple((path, data) for path, (mode, data) in found if mode != 0o120000)


def tree_hash(root: Path) -> str:
    """
    sha256 over the sorted `mode sha256 path` lines of its files and links.
    """
    whole = hashlib.sha256()
    for path in paths(root):
        mode, data = _read_at(root / path, path)
        line = f"{mode:o} {hashlib.sha256(data).hexdigest()} {path}\n"
        whole.update(line.encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def write(root: Path, path: str, data: bytes, *, executable: bool = False) -> None:
    """
    Write one file of a tree, with its folders; modes are 0644 or 0755 whatever the umask.
    """
    mode = 0o755 if executable else 0o644
    handle = _open_fresh(inside(root, path), mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, mode)
        file.write(data)


def _open_fresh(place: Path, mode: int) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(place, flags, mode)
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        place.unlink()
    return os.open(place, flags, mode)


def write_link(root: Path, path: str, target: str) -> None:
    """
    Make one link of a tree.

    Raises:
        LinkError: it would lead out of the tree.
    """
    up = os.path.normpath(str(PurePosixPath(path).parent / target))
    if target.startswith("/") or up.split("/")[0] == "..":
        raise LinkError(f"{path}: a link that leads out of the tree, to {target}")
    place = inside(root, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def remove(root: Path, path: str) -> None:
    """
    Remove a file or link of a tree, where it is there, and the folders that it leaves empty.
    """
    place = inside(root, path)
    if not os.path.lexists(place):
        return
    place.unlink()
    for folder in place.parents:
        if folder == root or any(folder.iterdir()):
            return
        folder.rmdir()


def leads_out(root: Path, path: str) -> bool:
    """
    Whether a tree's file or link is outside in truth, over other links perhaps.
    """
    return not f"{os.path.realpath(root / path)}/".startswith(f"{os.path.realpath(root)}/")


def check_links(root: Path) -> None:
    """
    Raises:
        LinkError: a link leads out of the tree, over other links perhaps.
    """
    for path, entry in _walk(root, ()):
        if entry.is_symlink() and leads_out(root, path):
            raise LinkError(f"{path}: a link that leads out of the tree")


def copy_tree(source: Path, target: Path, *, skip: Iterable[str] = ()) -> None:
    """
    Copy a tree's files and links into a folder, which is made where it is missing.
    """
    target.mkdir(parents=True, exist_ok=True)
    # Nothing in a new folder is a link before the last file stands there: no place is checked.
    is_new = not any(target.iterdir())
    links = []
    for path, entry in _walk(source, tuple(skip)):
        if entry.is_symlink():
            links.append(path)
        elif is_new:
            _copy_new(entry, f"{target}/{path}")
        else:
            mode, data = _read_at(Path(entry.path), path)
            write(target, path, data, executable=mode == 0o100755)
    for path in sorted(links):
        write_link(target, path, os.fsdecode(_read_at(source / path, path)[1]))
    check_links(target)


def _copy_new(entry: os.DirEntry[str], place: str) -> None:
    """
    A file to where none is; strings and handles, for it is done ten thousand times for one score.
    """
    mode = 0o755 if entry.stat(follow_symlinks=False).st_mode & stat.S_IXUSR else 0o644
    with _opened(entry.path) as source:
        target = _open_new(place, mode)
        try:
            os.fchmod(target, mode)
            while piece := os.read(source, _PIECE):
                _write_all(target, piece)
        finally:
            os.close(target)


def _open_new(place: str, mode: int) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(place, flags, mode)
    except FileNotFoundError:
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        return os.open(place, flags, mode)


def _write_all(handle: int, piece: bytes) -> None:
    while piece:
        piece = piece[os.write(handle, piece) :]


def edit_file(root: Path, path: str, edits: Iterable[Edit]) -> None:
    """
    Apply edits to one file of a tree, keeping its mode.

    Raises:
        StaleEditError: the old bytes are not there.
    """
    mode, data = read(root, path)
    write(root, path, apply_edits(data, edits), executable=mode == 0o100755)


def write_tree(root: Path, files: Mapping[str, tuple[int, bytes]]) -> None:
    """
    Write a tree held in memory: path → (git mode, bytes; of a link its target).
    """
    for path, (mode, data) in files.items():
        if mode == 0o120000:
            write_link(root, path, os.fsdecode(data))
        else:
            write(root, path, data, executable=mode == 0o100755)


@contextmanager
def scratch() -> Iterator[Path]:
    """
    A private folder that is gone when the block ends.
    """
    with tempfile.TemporaryDirectory(prefix="cab-") as folder:
        yield Path(folder)
