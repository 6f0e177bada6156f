"""
A build folder made from another one, so that what a seed depends on is not built again.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from cab_tasks.workspace import place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# The compiler writes these beside their place and then renames them: none is ever changed.
_RENAMED = (".rlib", ".rmeta")
_OF_OWN_CRATES = shutil.ignore_patterns("incremental")


def copy_warm(source: Path, target: Path, *, is_same_code: bool = False) -> None:
    """
    Fill a new folder; libraries become hard links where that is possible.

    What the compiler remembers of the seed's own crates comes along with `is_same_code` alone.
    """
    ignored = None if is_same_code else _OF_OWN_CRATES
    shutil.copytree(
        source, target, symlinks=True, ignore=ignored, copy_function=_put, dirs_exist_ok=True
    )


def share_warm(targets: Sequence[Path | None]) -> None:
    """
    Give the first folder's contents to those of the others that are not there yet, each whole or
    not at all. Nobody may be building in any of them.
    """
    first = targets[0] if targets else None
    if first is None or not first.is_dir():
        return
    for target in targets[1:]:
        if target is not None and not target.is_dir():
            with place(target, durable=False) as beside:
                copy_warm(first, beside, is_same_code=True)


def _put(source: str, target: str) -> None:
    if source.endswith(_RENAMED):
        try:
            os.link(source, target)
        except OSError:  # another file system, or one without links
            shutil.copy2(source, target)
    else:
        shutil.copy2(source, target)
