"""
How much a run has written to folders that have no size limit of their own.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAUSE_S = 0.5
_SHARE = 0.1  # of the time at most goes into looking
_ENTRY_BYTES = 1024  # an empty file takes space, too: its inode and its name
_BLOCK = 512  # what st_blocks counts in, stat(2)


class Growth:
    """
    Watches folders against one limit; `is_over` is cheap when called often.
    """

    def __init__(self, folders: tuple[Path, ...], limit_bytes: int) -> None:
        self._folders = folders
        self._limits = tuple(_size(folder, None) + limit_bytes for folder in folders)
        self._next = time.monotonic() + _PAUSE_S

    def is_over(self) -> bool:
        if not self._folders or (start := time.monotonic()) < self._next:
            return False
        over = self.is_over_now()
        end = time.monotonic()
        self._next = end + max(_PAUSE_S, (end - start) / _SHARE)
        return over

    def is_over_now(self) -> bool:
        return any(
            _size(folder, limit) > limit
            for folder, limit in zip(self._folders, self._limits, strict=True)
        )


def _size(folder: Path, enough: int | None) -> int:
    """
    Bytes on disk, counted no further than past `enough`.
    """
    total = 0
    for size in _sizes(str(folder)):
        total += size
        if enough is not None and total > enough:
            break
    return total


def _sizes(folder: str) -> Iterator[int]:
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield _ENTRY_BYTES + entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue  # it went away while we looked
