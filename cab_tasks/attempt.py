"""
One attempt: what its folder changed against workdir, by our own walk; nothing there is executed.
"""

from __future__ import annotations

import errno
import fnmatch
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks import workspace

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    before = {path: Changed(*workspace.read(workdir, path)) for path in workspace.paths(workdir)}
    after = _read(attempt, (".git", *_output_names(before)))
    changed: dict[str, Changed | None] = {
        path: entry for path, entry in after.items() if before.get(path) != entry
    }
    changed.update(dict.fromkeys(path for path in before if path not in after))
    return changed


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


def _read(root: Path, skip: tuple[str, ...]) -> dict[str, Changed]:
    found: dict[str, Changed] = {}
    total = 0
    try:
        for path in workspace.paths(root, skip=skip):
            _check_depth(path)
            total += (root / path).lstat().st_size
            if len(found) >= MAX_FILES or total > MAX_BYTES:
                raise AttemptError("the attempt is too large to be judged")
            found[path] = Changed(*workspace.read(root, path))
    except OSError as error:
        if error.errno not in _OF_ATTEMPT:
            raise
        raise AttemptError(f"the attempt cannot be read: {error.strerror}") from error
    return found


def _check_depth(path: str) -> None:
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise AttemptError(f"the attempt's folders are too deep: {path[:60]}…")
