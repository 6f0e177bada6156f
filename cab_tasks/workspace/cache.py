"""
Where a machine keeps what can be made again: seeds, environments, baselines, builds.
"""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """
    CAB_TASKS_CACHE, else `cab-tasks` in XDG_CACHE_HOME or ~/.cache.
    """
    named = os.environ.get("CAB_TASKS_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(named) if named else Path(base, "cab-tasks")).absolute()
