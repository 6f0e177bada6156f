"""
What the commands that run suites share: where the cache is, and how work is shown.
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.cli._output import tell

if TYPE_CHECKING:
    from collections.abc import Iterator


def cache_folder() -> Path:
    """
    CAB_TASKS_CACHE, else `cab-tasks` in XDG_CACHE_HOME or ~/.cache.
    """
    named = os.environ.get("CAB_TASKS_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(named) if named else Path(base, "cab-tasks")).absolute()


@contextmanager
def plain_warnings() -> Iterator[None]:
    """
    Warnings of ours (no sandbox) as one line each on stderr.
    """
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_args, **_more: tell(f"warning: {message}")
        yield
