"""
What an agent left: its changes by content, what else its folder shows, and the digest of it all.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cab_tasks.attempt import AttemptError, Changed, changed_files
from cab_tasks.errors import BundleError
from cab_tasks.patch import apply_patch
from cab_tasks.score.names import plain
from cab_tasks.workspace import CACHES, LinkError, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cab_tasks.attempt import Attempt
    from cab_tasks.bundle import Bundle

MAX_NAME = 255  # bytes, of one file or folder


@dataclass(frozen=True, slots=True)
class Left:
    """
    Path → new content with its mode, None: deleted. `objection` says why a folder was not read,
    `misfit` why a patch does not apply.
    """

    changes: Mapping[str, Changed | None] = field(default_factory=dict)
    git_dirs: tuple[str, ...] = ()  # repositories inside of it, its own not counted
    objection: str = ""
    misfit: str = ""

    def digest(self) -> str:
        """
        sha256 over the sorted `mode sha256 path` lines of what changed; a deletion has mode 0.
        """
        lines = [f"{number:o} {sha256} {path}\n" for path, number, sha256 in sorted(self._lines())]
        lines += [f"git {path}\n" for path in self.git_dirs]
        lines += [f"objection {self.objection}\n"] if self.objection else []
        lines += [f"misfit {self.misfit}\n"] if self.misfit else []
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def _lines(self) -> Iterator[tuple[str, int, str]]:
        for path, entry in self.changes.items():
            body = b"" if entry is None else entry.data
            yield path, entry.mode if entry else 0, hashlib.sha256(body).hexdigest()


def left_in(bundle: Bundle, folder: Path) -> Left:
    """
    What stands in the folder that an agent worked in; nothing there is executed.
    """
    try:
        changes = changed_files(bundle.workdir, folder)
    except AttemptError as error:
        return Left(objection=str(error))
    return Left(changes, tuple(sorted(_git_dirs(folder))))


def left_by(bundle: Bundle, attempt: Attempt) -> Left:
    """
    An attempt that is no folder, such as a patch's; what changes nothing is left out.
    """
    for path in attempt:
        if "\0" in path or any(len(os.fsencode(name)) > MAX_NAME for name in path.split("/")):
            return Left(objection=f"a name that no file has: {path[:60]!r}")
    changes: dict[str, Changed | None] = {}
    for path, entry in attempt.items():
        before = standing(bundle, path)
        mode = before.mode if before is not None and before.mode != 0o120000 else 0o100644
        after = Changed(mode, entry) if isinstance(entry, bytes) else entry
        if after != before:
            changes[path] = after
    return Left(changes)


def left_by_patch(bundle: Bundle, patch: bytes) -> Left:
    """
    What a patch to workdir leaves; of one that does not apply, nothing but the reason.
    """
    try:
        changes = apply_patch(patch, bundle.source)
    except BundleError as error:
        return Left(misfit=plain(f"patch: {error}"))
    if patch.strip() and not changes:
        return Left(misfit="patch: nothing in it can be applied")
    return left_by(bundle, changes)


def standing(bundle: Bundle, path: str) -> Changed | None:
    """
    The file or link that workdir has at any path that an attempt names; None: none.
    """
    try:
        return Changed(*read(bundle.workdir, path))
    except (FileNotFoundError, NotADirectoryError, LinkError):
        return None


def _git_dirs(root: Path) -> Iterator[str]:
    stack = [(str(root), "")]
    while stack:
        folder, prefix = stack.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.lower() == ".git":
                    if prefix:
                        yield prefix + entry.name
                elif entry.is_dir(follow_symlinks=False) and not _is_output(entry.name):
                    stack.append((entry.path, f"{prefix}{entry.name}/"))


def _is_output(name: str) -> bool:
    """
    Whether our walker did not look into a folder of this name either: it may be unreadable.
    """
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in CACHES)
