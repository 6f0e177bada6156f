"""
A build folder made from another one, so that what a seed depends on is not built again.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.suite.freshness import recorded, restore
from cab_tasks.workspace import place

if TYPE_CHECKING:
    from collections.abc import Sequence

# The compiler writes these beside their place and then renames them: none is ever changed. What a
# build script makes by such a name is elsewhere.
_LIBRARIES = (".rlib", ".rmeta")
_LIBRARY_FOLDER = "deps"
_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP)
_MEMORY = "incremental"  # what the compiler remembers of the seed's own crates


def copy_warm(source: Path, target: Path, *, has_memory: bool = False) -> None:
    """
    Make a folder, whole or not at all; libraries become hard links where that is possible. Nobody
    may be building in `source`.

    With `has_memory`, what the compiler remembers of the seed's own crates comes along.

    Raises:
        OSError: it cannot be written.
    """
    ignored = None if has_memory else shutil.ignore_patterns(_MEMORY)
    with place(target, durable=False) as beside:
        try:
            shutil.copytree(
                source, beside, symlinks=True, ignore=ignored, copy_function=_put,
                dirs_exist_ok=True,
            )  # fmt: skip
        except shutil.Error as error:  # a list of (source, target, reason), in one argument
            first = error.args[0][0]
            raise OSError(f"{Path(first[0]).name}: {first[2]}") from error


def share_warm(first: Path, others: Sequence[Path]) -> None:
    """
    Give the first folder's contents, and what is known of its sources, to those of the others that
    are not there yet. Nobody may be building in any of them.

    Raises:
        OSError: one cannot be written; those before it are whole.
    """
    for other in others:
        if first.is_dir() and not other.is_dir():
            restore(other, {})  # until the copy is there
            copy_warm(first, other, has_memory=True)
            restore(other, recorded(first))


def _put(source: str, target: str) -> None:
    status = Path(source).lstat()
    if not stat.S_ISREG(status.st_mode):
        return  # a pipe or a socket, which a build script may leave
    if source.endswith(_LIBRARIES) and Path(source).parent.name == _LIBRARY_FOLDER:
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        else:
            return
    shutil.copy2(source, target)
