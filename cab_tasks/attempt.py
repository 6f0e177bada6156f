"""
One attempt: what its folder changed against workdir, by our own walk; nothing there is executed.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks import workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAX_FILES = 100_000
MAX_BYTES = 512 << 20
# Trees are copied below longer folders, whose paths must stay below the system's 4096.
MAX_PATH_BYTES = 1024
_OF_ATTEMPT = frozenset({errno.EACCES, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOENT})


class AttemptError(ValueError):
    """
    A folder that nobody can judge, by the fault of who left it.
    """


@dataclass(frozen=True, slots=True)
class Changed:
    """
    New content with its mode as git writes it (0o100644, 0o100755, 0o120000); a link's target.
    """

    mode: int
    data: bytes


# Path → new content, None: deleted. Plain bytes keep the mode that the file has.
Attempt = Mapping[str, bytes | Changed | None]


def changed_files(workdir: Path, attempt: Path) -> dict[str, Changed | None]:
    """
    What an attempt's folder changed against workdir: contents, modes, links, deletions.

    `.git` is not looked at, nor are caches and build output of which workdir has none; a pipe,
    socket or device counts as nothing.

    Raises:
        AttemptError: the folder is too large, too deep, or may not be read.
    """
    before = dict(workspace.entries(workdir))
    after = _survey(attempt, (".git", *_output_names(before)))
    changed: dict[str, Changed | None] = {}
    with _by_its_fault():
        for path, status in after.items():
            if not _is_unchanged(workdir, attempt, path, before.get(path), status):
                changed[path] = Changed(*workspace.read(attempt, path))
    changed.update(dict.fromkeys(path for path in before if path not in after))
    return changed


def _is_unchanged(
    workdir: Path, attempt: Path, path: str, old: os.stat_result | None, new: os.stat_result
) -> bool:
    """
    Sizes and modes first: only what may be the same is read, and nothing of it is kept.
    """
    if old is None or (old.st_size, _mode(old)) != (new.st_size, _mode(new)):
        return False
    if stat.S_ISLNK(old.st_mode):
        return workspace.read(workdir, path) == workspace.read(attempt, path)
    return workspace.is_same(f"{workdir}/{path}", f"{attempt}/{path}")


def _mode(status: os.stat_result) -> tuple[int, int]:
    """
    What git knows of it: its kind, and whether its owner may execute it.
    """
    kind = stat.S_IFMT(status.st_mode)
    return kind, status.st_mode & stat.S_IXUSR if kind == stat.S_IFREG else 0


def _output_names(before: Iterable[str]) -> tuple[str, ...]:
    """
    Names that honest work leaves behind (`target`, `.venv`) and that the task itself does not use.

    Compiled Python is looked at: it may have been planted.
    """
    used = {part for path in before for part in path.split("/")}
    return tuple(
        name
        for name in workspace.CACHES
        if "pyc" not in name and "pyo" not in name and not fnmatch.filter(used, name)
    )


def _survey(root: Path, skip: tuple[str, ...]) -> dict[str, os.stat_result]:
    found: dict[str, os.stat_result] = {}
    total = 0
    with _by_its_fault():
        for path, status in workspace.entries(root, skip=skip):
            _check_depth(path)
            total += status.st_size
            if len(found) >= MAX_FILES or total > MAX_BYTES:
                raise AttemptError("the attempt is too large to be judged")
            found[path] = status
    return dict(sorted(found.items()))


@contextmanager
def _by_its_fault() -> Iterator[None]:
    """
    A folder that its owner made unreadable is an AttemptError; any other error stays as it is.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _OF_ATTEMPT:
            raise
        raise AttemptError(f"the attempt cannot be read: {error.strerror}") from error


def _check_depth(path: str) -> None:
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise AttemptError(f"the attempt's folders are too deep: {path[:60]}…")
