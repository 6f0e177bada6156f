"""
Which sources changed since a build folder was last used, by content.

cargo trusts times: a file that goes back to older contents and an older time is not built again.
So every file gets one old time before a build, but for those that changed, which get a new one.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from cab_tasks.workspace import paths, read

if TYPE_CHECKING:
    from pathlib import Path

_RECORD = ".sources.json"  # beside the folder: what is built in it can write there, links too
_BUILDING = "building"  # stands for contents that no build is known to have ended with


def changed_files(tree: Path, target: Path) -> tuple[str, ...]:
    """
    Files that are not as at the last build into this folder.

    They count as changed until `settle` says that a build with them has ended: one that is killed
    half-way leaves it open which contents it saw.
    """
    before = recorded(target)
    now = _digests(tree)
    changed = tuple(sorted(path for path, digest in now.items() if before.get(path) != digest))
    _write(target, {**now, **dict.fromkeys(changed, _BUILDING)})
    return changed


def settle(tree: Path, target: Path) -> None:
    """
    The build that `changed_files` was asked for has ended, well or not.
    """
    _write(target, _digests(tree))


def recorded(target: Path) -> dict[str, str]:
    """
    What is known of the sources that a build folder was last used with; empty for nothing.
    """
    try:
        record = json.loads(_place(target).read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def restore(target: Path, record: dict[str, str]) -> None:
    """
    Forget the builds since a record was taken, which have left what it is about alone. With an
    empty one, every file counts as changed.
    """
    _write(target, record)


def _digests(tree: Path) -> dict[str, str]:
    return {
        path: hashlib.sha256(read(tree, path)[1]).hexdigest()
        for path in paths(tree, skip=(".git",))
    }


def _write(target: Path, record: dict[str, str]) -> None:
    place = _place(target)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(record, sort_keys=True), encoding="utf-8")


def _place(target: Path) -> Path:
    return target.with_name(target.name + _RECORD)
