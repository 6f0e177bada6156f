"""
A build folder made from another one, so that what a seed depends on is not built again.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# The compiler writes these beside their place and then renames them: none is ever changed.
_RENAMED = (".rlib", ".rmeta")
_LEFT_OUT = shutil.ignore_patterns("incremental")  # of the seed's own crates, which differ


def copy_warm(source: Path, target: Path) -> None:
    """
    Fill a folder that is not there yet; libraries become hard links where that is possible.
    """
    shutil.copytree(source, target, symlinks=True, ignore=_LEFT_OUT, copy_function=_put)


def _put(source: str, target: str) -> None:
    if source.endswith(_RENAMED):
        try:
            os.link(source, target)
        except OSError:  # another file system, or one without links
            shutil.copy2(source, target)
    else:
        shutil.copy2(source, target)
