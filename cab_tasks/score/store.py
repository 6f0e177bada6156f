"""
Attempts kept beside their records: changed files by content, so that a score can be made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

from cab_tasks import workspace
from cab_tasks.attempt import Changed
from cab_tasks.bundle import dump_json
from cab_tasks.errors import UsageError
from cab_tasks.score.left import Left

SCHEMA = "cab-attempt/v1"
SUFFIX = ".attempt"
INDEX = "index.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MODES = (0o100644, 0o100755, 0o120000)


def place_of(record: Path) -> Path:
    """
    Where a record's attempt is kept: `score.json` → `score.attempt/`; `v1.2` → `v1.2.attempt/`.
    """
    return record.with_name(record.name.removesuffix(".json") + SUFFIX)


def keep(left: Left, folder: Path, bundle: Path) -> None:
    """
    Write an attempt: `index.json`, and every content once under its sha256.

    Names of the attempt are only in the index, so none of them can lead anywhere. `bundle` is
    noted relative to the folder, for whoever moves neither.
    """
    lines = []
    with workspace.place(folder) as beside:
        for path, entry in sorted(left.changes.items()):
            sha256 = ""
            if entry is not None:
                sha256 = hashlib.sha256(entry.data).hexdigest()
                workspace.write(beside, sha256, entry.data)
            lines.append({"path": _text(path), "mode": entry.mode if entry else 0, "is": sha256})
        index = {
            "schema": SCHEMA,
            "bundle": os.path.relpath(bundle.absolute(), folder.absolute()),
            "changes": lines,
            "git_dirs": [_text(path) for path in left.git_dirs],
            "objection": _text(left.objection),
            "misfit": _text(left.misfit),
        }
        workspace.write(beside, INDEX, dump_json(index))


def kept(folder: Path) -> tuple[Left, Path]:
    """
    An attempt that was kept, and where its bundle was.

    Raises:
        UsageError: it is not there, or is not what `keep` writes.
    """
    try:
        index = json.loads(_read(folder / INDEX))
        left = Left(
            {_path(line["path"]): _entry(folder, line) for line in index["changes"]},
            tuple(_path(path) for path in index["git_dirs"]),
            _path(index["objection"]),
            _path(index.get("misfit", "")),
        )
        return left, Path(os.path.normpath(folder / index["bundle"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = error.strerror if isinstance(error, OSError) else f"not understood: {error}"
        raise UsageError(f"{folder}: no attempt is kept here: {why}") from error


def _entry(folder: Path, line: dict[str, Any]) -> Changed | None:
    mode, sha256 = line["mode"], line["is"]
    if mode == 0:
        return None
    if mode not in _MODES or not _SHA256.fullmatch(sha256):
        raise ValueError(f"{line['path']}: mode {mode}, content {sha256}")
    data = _read(folder / sha256)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{sha256}: other content")
    return Changed(mode, data)


def _read(place: Path) -> bytes:
    if not stat.S_ISREG(place.lstat().st_mode):
        raise ValueError(f"{place.name}: no plain file")
    return place.read_bytes()


def _text(path: str) -> str:
    """
    A path as any JSON can hold it: a character for each of its bytes.
    """
    return path.encode("utf-8", "surrogateescape").decode("latin-1")


def _path(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "surrogateescape")
