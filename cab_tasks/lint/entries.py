"""
The files of a bundle, each read once: bytes, digest and mode; links and odd files are not opened.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from operator import itemgetter
from typing import NamedTuple

KEPT_MAX_BYTES = 1 << 20  # what rules look into; larger files are hashed in pieces
HASHED_MAX_BYTES = 256 << 20  # `score` refuses trees over 512 MiB; a digest of more helps nobody
ENTRIES_MAX = 100_000
DEPTH_MAX = 100  # folders; below it the path is longer than systems take
_PIECE = 1 << 20
_KIND = 0o170000  # the bits of a mode that tell file, link, pipe…
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Entry(NamedTuple):
    """
    One file or link. `mode` is git's; "" when it is neither, or cannot be read: `problem` says why.

    `data` is None where the file is larger than KEPT_MAX_BYTES; of a link, it is the target.
    """

    path: str
    mode: str
    size: int = 0
    data: bytes | None = None
    digest: str = ""
    problem: str = ""

    @property
    def is_file(self) -> bool:
        return self.mode.startswith("100")

    def digest_line(self) -> str:
        """As in `digests.txt`, without its line end."""
        return f"{self.digest}  {self.mode}  {self.path}"


def read_entries(root: str) -> dict[str, Entry]:
    """
    Every entry below a folder that is not a folder, by relative path, sorted.
    """
    found: list[Entry] = []
    stack = [(root, "", 0)]
    while stack:
        folder, prefix, depth = stack.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        found.append(_read(entry, prefix + entry.name))
                    elif depth == DEPTH_MAX:
                        problem = f"more than {DEPTH_MAX} folders deep"
                        found.append(Entry(prefix + entry.name, "", problem=problem))
                    else:
                        stack.append((entry.path, f"{prefix}{entry.name}/", depth + 1))
        except OSError as error:
            found.append(Entry(prefix.rstrip("/"), "", problem=error.strerror or "not readable"))
        if len(found) > ENTRIES_MAX:
            found.append(Entry("", "", problem=f"more than {ENTRIES_MAX} files; not all are read"))
            break
    found.sort(key=itemgetter(0))
    return {entry.path: entry for entry in found}


def _read(entry: os.DirEntry[str], path: str) -> Entry:
    try:
        if entry.is_file(follow_symlinks=False):
            return _read_file(entry.path, path)
        if not entry.is_symlink():
            return Entry(path, "", problem="neither a file nor a link")
        target = os.fsencode(os.readlink(entry.path))  # noqa: PTH115 - hot
        return Entry(path, "120000", len(target), target, sha256(target).hexdigest())
    except OSError as error:
        return Entry(path, "", problem=error.strerror or "not readable")


def _read_file(place: str, path: str) -> Entry:
    # Half of lint's time is spent here: four calls to the system a file, and its hash.
    file = os.open(place, _FLAGS)
    try:
        status = os.fstat(file)
        mode, size = status.st_mode, status.st_size
        if mode & _KIND != stat.S_IFREG:  # another one since the folder was listed
            return Entry(path, "", problem="neither a file nor a link")
        shown = "100755" if mode & stat.S_IXUSR else "100644"
        if size > HASHED_MAX_BYTES:
            return Entry(path, shown, size, problem=f"{size} bytes; too large to be read")
        data = os.read(file, size + 1)
        if len(data) == size <= KEPT_MAX_BYTES:
            return Entry(path, shown, size, data, sha256(data).hexdigest())
        return _read_rest(file, path, shown, data)
    finally:
        os.close(file)


def _read_rest(file: int, path: str, mode: str, data: bytes) -> Entry:
    whole, size = sha256(data), len(data)
    while piece := os.read(file, _PIECE):
        whole.update(piece)
        size += len(piece)
    return Entry(path, mode, size, None, whole.hexdigest())
