"""
Where a seed comes from: a folder, a repository on disk, a git URL, an embedded template.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cab_tasks.errors import SeedError
from cab_tasks.workspace import (
    CACHES,
    LinkError,
    Repository,
    clone,
    lock,
    paths,
    place,
    read,
    remote_url,
    without_credentials,
    write,
    write_link,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cab_tasks.workspace import Entry

_URL = re.compile(r"^(https?|ssh|git|file)://|^[\w.-]+@[\w.-]+:(?!/)")
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_LFS = b"version https://git-lfs.github.com/spec/v1"
_LFS_SIZE_BYTES = 1024  # a pointer file is smaller, says the LFS specification
_TAG = "CACHEDIR.TAG"  # bford.info/cachedir
_BYTECODE = ("__pycache__", "*.pyc", "*.pyo")


@dataclass(frozen=True, slots=True)
class Taken:
    """
    A seed's files, written to a folder of ours, and where they come from.

    `version` is the nearest release tag, as version tools want it told.
    """

    origin: str
    name: str
    commit: str = ""
    date: str = ""
    version: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """
    What the user asked for.
    """

    spec: str
    rev: str | None
    dirty: bool
    max_size_bytes: int
    cache: Path


def take_files(order: Order, tree: Path) -> Taken:
    """
    Write a seed's files to `tree`; what they come from is never changed.

    Raises:
        SeedError: not found, too large, or holding what cannot be taken.
    """
    try:
        if order.spec.startswith("template:"):
            return _from_template(order, tree)
        if _URL.match(order.spec):
            return _from_url(order, tree)
        return _from_path(order, tree)
    except PermissionError as error:
        raise SeedError(f"{error.filename}: may not be read; give yourself the right") from error


def _from_template(order: Order, tree: Path) -> Taken:
    from cab_tasks.templates import seed_path

    name = order.spec.removeprefix("template:")
    _take_folder(seed_path(name), order, tree)
    return Taken(origin=order.spec, name=name)


def _from_url(order: Order, tree: Path) -> Taken:
    url, rev = _split_rev(order.spec)
    rev = order.rev or rev
    name = PurePosixPath(url.rstrip("/").removesuffix(".git")).name.rsplit(":", 1)[-1]
    taken = _take_commit(_cached_clone(url, rev, order.cache), rev or "HEAD", order, tree)
    origin = "" if url.startswith("file:") else without_credentials(url)
    return replace(taken, origin=origin, name=name)


def _split_rev(spec: str) -> tuple[str, str | None]:
    """
    Cut `@rev` off an address; an `@` before the host is the user's.
    """
    start = spec.find("/", spec.find("://") + 3) if "://" in spec else spec.find(":")
    at = spec.find("@", max(start, 0))
    return (spec, None) if at < 0 else (spec[:at], spec[at + 1 :] or None)


def _cached_clone(url: str, rev: str | None, cache: Path) -> Repository:
    """
    The clone of an address: made anew each time, but for a full hash that is already there.
    """
    git_dir = cache / "clones" / hashlib.sha256(url.encode()).hexdigest()[:24]
    with lock(git_dir.with_suffix(".lock")):
        repository = Repository(git_dir)
        if rev and _HASH.fullmatch(rev) and git_dir.is_dir() and repository.has(rev):
            return repository
        with place(git_dir, durable=False) as beside:
            beside.rmdir()
            clone(url, beside)
    return repository


def _from_path(order: Order, tree: Path) -> Taken:
    path, rev = Path(order.spec).expanduser(), order.rev
    if not path.exists() and "@" in path.name:
        before, rev = order.spec.rsplit("@", 1)
        path = Path(before).expanduser()
    if not path.is_dir():
        raise SeedError(f"{order.spec}: no such folder; give a folder, a git URL or template:NAME")
    path = path.resolve()
    if (path / ".git").exists() or _is_bare(path):
        return _from_checkout(path, rev, order, tree)
    if rev:
        raise SeedError(f"{order.spec}: not a git repository, so it has no {rev}")
    _take_folder(path, order, tree)
    return Taken(origin="", name=path.name)


def _is_bare(path: Path) -> bool:
    return all((path / name).exists() for name in ("HEAD", "objects", "refs"))


def _from_checkout(path: Path, rev: str | None, order: Order, tree: Path) -> Taken:
    with TemporaryDirectory(prefix="clone-", dir=order.cache) as scratch:
        repository = clone(str(path), Path(scratch, "git"))
        taken = _take_commit(repository, rev or "HEAD", order, tree)
        if not _is_bare(path) and not rev:
            taken = _with_changes(taken, repository, path, order, tree)
    url = remote_url(path if _is_bare(path) else path / ".git")
    public = without_credentials(url) if _URL.match(url) and not url.startswith("file:") else ""
    return replace(taken, origin=public, name=path.name.removesuffix(".git"))


def _take_commit(repository: Repository, rev: str, order: Order, tree: Path) -> Taken:
    commit = repository.commit(rev)
    listed = repository.entries(commit)
    entries = tuple(entry for entry in listed if not _is_bytecode(entry.path))
    _check_entries(entries, order)
    tree.mkdir(parents=True, exist_ok=True)
    for entry, data in repository.blobs(entries):
        _write_entry(tree, os.fsdecode(entry.path), entry.mode, data)
    left_out = len(listed) - len(entries)
    return Taken(
        origin="",
        name="",
        commit=commit,
        date=repository.date(commit),
        version=repository.nearest_tag(commit),
        warnings=(f"{left_out} committed bytecode files are left out",) if left_out else (),
    )


def _is_bytecode(path: bytes) -> bool:
    parts = PurePosixPath(os.fsdecode(path)).parts
    return any(fnmatchcase(part, pattern) for part in parts for pattern in _BYTECODE)


def _check_entries(entries: tuple[Entry, ...], order: Order) -> None:
    for entry in entries:
        _check_path(entry.path)
        if entry.mode == 0o160000:
            path = entry.path.decode()
            raise SeedError(f"{path}: a git submodule; vendor it, or take a repository without it")
    _check_size(sum(entry.size_bytes for entry in entries), order)


def _check_path(path: bytes) -> None:
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(f"{path!r}: a file name that is not UTF-8; rename it") from error
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise SeedError(f"{path!r}: a file name with control characters; rename it")


def _check_size(size_bytes: int, order: Order) -> None:
    if size_bytes > order.max_size_bytes:
        raise SeedError(
            f"{without_credentials(order.spec)}: {size_bytes:,} bytes of files, over the limit of "
            f"{order.max_size_bytes:,}; raise it by --max-size"
        )


def _write_entry(tree: Path, path: str, mode: int, data: bytes) -> None:
    if len(data) < _LFS_SIZE_BYTES and data.startswith(_LFS):
        raise SeedError(f"{path}: a Git LFS pointer, its content is elsewhere; take it out of LFS")
    try:
        if mode == 0o120000:
            write_link(tree, path, os.fsdecode(data))
        else:
            write(tree, path, data, executable=mode == 0o100755)
    except LinkError as error:
        raise SeedError(f"{error}; take it out of the repository") from error


def _with_changes(
    taken: Taken, repository: Repository, path: Path, order: Order, tree: Path
) -> Taken:
    """
    Count what differs from the commit, and take it along if that was asked for.
    """
    committed = paths(tree)
    changed = [name for name in committed if not _is_same(path, tree, name)]
    unignored = {os.fsdecode(name) for name in repository.unignored(path) if not _is_bytecode(name)}
    fresh = sorted(unignored - set(committed))
    if not changed and not fresh:
        return taken
    count = len(changed) + len(fresh)
    if not order.dirty:
        text = f"{count} uncommitted files are not taken (--dirty takes them along)"
        return replace(taken, warnings=(*taken.warnings, text))
    _copy_changes(path, tree, [*changed, *fresh], order)
    text = f"{count} uncommitted files are taken along"
    return replace(taken, commit=f"{taken.commit}-dirty", warnings=(*taken.warnings, text))


def _is_same(path: Path, tree: Path, name: str) -> bool:
    if not os.path.lexists(path / name):
        return False
    here, committed = read(path, name), read(tree, name)
    # A checkout may have been written with the line ends of another system.
    return here == committed or here[1].replace(b"\r\n", b"\n") == committed[1] != here[1]


def _copy_changes(path: Path, tree: Path, names: list[str], order: Order) -> None:
    gone = [name for name in names if not os.path.lexists(path / name)]
    kept = _without_bundles(path, [name for name in names if name not in gone])
    for name in (*gone, *kept):
        _check_path(os.fsencode(name))
        (tree / name).unlink(missing_ok=True)
        if os.path.lexists(path / name):
            _write_entry(tree, name, *read(path, name))
    _check_size(_size_bytes(tree, paths(tree)), order)


def _take_folder(path: Path, order: Order, tree: Path) -> None:
    listed = paths(path, skip=[name for name in CACHES if name != "target"])
    names = _without_bundles(path, _without_tagged(listed))
    _check_size(_size_bytes(path, names), order)
    for name in names:
        _check_path(os.fsencode(name))
        _write_entry(tree, name, *read(path, name))


def _without_bundles(root: Path, names: Sequence[str]) -> list[str]:
    """
    Leave out tasks that were made in the seed's own folder: they hold its right code, and theirs.
    """
    made = tuple(
        name.removesuffix("task.yaml")
        for name in names
        if PurePosixPath(name).name == "task.yaml" and b"schema: cab-task/" in read(root, name)[1]
    )
    return [name for name in names if not name.startswith(made or ("\0",))]


def _without_tagged(names: tuple[str, ...]) -> list[str]:
    """
    Leave out folders that call themselves caches, as cargo's `target` does; others keep that name.
    """
    tagged = tuple(name.removesuffix(_TAG) for name in names if name.endswith(f"/{_TAG}"))
    return [name for name in names if not name.startswith(tagged or ("\0",))]


def _size_bytes(root: Path, names: Iterable[str]) -> int:
    return sum((root / name).lstat().st_size for name in names)
