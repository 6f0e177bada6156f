"""
The outside world of files: the only writer of source trees, and the only importer of git.
"""

from __future__ import annotations

from cab_tasks.workspace.cache import cache_folder
from cab_tasks.workspace.place import lock, place, remove_partial, take_number
from cab_tasks.workspace.repository import (
    Entry,
    Repository,
    clone,
    commit_all,
    remote_url,
    without_credentials,
)
from cab_tasks.workspace.trees import (
    CACHES,
    LinkError,
    check_links,
    copy_tree,
    edit_file,
    entries,
    is_same,
    leads_out,
    paths,
    read,
    read_files,
    remove,
    scratch,
    tree_hash,
    write,
    write_link,
    write_tree,
)

__all__ = [
    "CACHES",
    "Entry",
    "LinkError",
    "Repository",
    "cache_folder",
    "check_links",
    "clone",
    "commit_all",
    "copy_tree",
    "edit_file",
    "entries",
    "is_same",
    "leads_out",
    "lock",
    "paths",
    "place",
    "read",
    "read_files",
    "remote_url",
    "remove",
    "remove_partial",
    "scratch",
    "take_number",
    "tree_hash",
    "without_credentials",
    "write",
    "write_link",
    "write_tree",
]
