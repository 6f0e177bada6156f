"""
What an agent starts in: workdir as a git repository with one commit, prompt and rules laid in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks import workspace
from cab_tasks.errors import BundleError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.bundle import Bundle


def prepare(bundle: Bundle, folder: Path) -> tuple[str, ...]:
    """
    Lay out `folder` for an agent; returns the paths that were laid in and are never charged to it.

    The commit has constant names and times, so its id depends on the bundle alone.

    Raises:
        UsageError: the folder is there and is not empty.
        BundleError: workdir holds a `.git`, whose settings and hooks git would obey.
    """
    for path in workspace.paths(bundle.workdir):
        if ".git" in path.lower().split("/"):
            raise BundleError("a repository inside workdir", str(bundle.workdir / path))
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: not empty; name a new folder")
    with workspace.place(folder) as beside:
        workspace.copy_tree(bundle.workdir, beside)
        laid = tuple(_lay(bundle, beside, source, name) for source, name in format_.LAID)
        workspace.commit_all(beside, f"{bundle.manifest.title}\n")
    return laid


def _lay(bundle: Bundle, folder: Path, source: str, name: str) -> str:
    taken = {child.name.lower() for child in folder.iterdir()}
    path = f"{format_.ASIDE}/{name}" if name.lower() in taken else name
    workspace.write(folder, path, bundle.read(source))
    return path
