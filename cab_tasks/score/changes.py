"""
Which of an attempt's changes are charged to it: not its agent's own state, nor what was laid in.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks.score.documents import expected_documents
from cab_tasks.score.left import standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cab_tasks.attempt import Changed
    from cab_tasks.bundle import Bundle
    from cab_tasks.score.left import Left

# Where agents keep sessions, caches and notes of their own, below the root.
STATE = (
    ".aider*", ".claude", ".codex", ".continue", ".copilot", ".crush", ".cursor", ".gemini",
    ".goose", ".kimi", ".opencode", ".openhands", ".pi", ".qwen", ".windsurf", "CLAUDE.md",
    "GEMINI.md", "QWEN.md",
)  # fmt: skip
_MADE_BY_CARGO = "Cargo.lock"


@dataclass(frozen=True, slots=True)
class Changes:
    """
    Charged paths by kind, sorted; `agent_files` are those that are not charged.

    `judged` is what the judge gets: an agent's state is no part of what it delivers, so nothing
    can hide there either.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    modified: tuple[str, ...]
    agent_files: tuple[str, ...]
    expected: tuple[str, ...]
    judged: Mapping[str, Changed | None]

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(sorted((*self.added, *self.removed, *self.modified)))

    @property
    def unexpected(self) -> tuple[str, ...]:
        return tuple(path for path in self.all if path not in self.expected)


def charged(bundle: Bundle, left: Left) -> Changes:
    """
    The changes of an attempt, sorted out.
    """
    there = {path for path in left.changes if standing(bundle, path)}
    own = {path for path in left.changes if path not in there and _is_own(bundle, left, path)}
    tools = {path for path in left.changes if path not in there and _is_of_tool(bundle, path)}
    kept = [path for path in sorted(left.changes) if path not in own | tools]
    removed = tuple(path for path in kept if left.changes[path] is None)
    wanted = expected_paths(bundle)
    return Changes(
        added=tuple(path for path in kept if path not in there),
        removed=removed,
        modified=tuple(path for path in kept if path in there and path not in removed),
        agent_files=tuple(sorted(own | tools)),
        expected=tuple(path for path in kept if path in wanted),
        judged={path: entry for path, entry in left.changes.items() if path not in own},
    )


def expected_paths(bundle: Bundle) -> frozenset[str]:
    """
    The files of the reference fix; of a task to be refused, the document that says so.
    """
    manifest = bundle.manifest
    paths = (*manifest.ground_truth_files, *(one.path for one in manifest.expected_changes))
    return frozenset((*paths, *expected_documents(manifest)))


def texts(bundle: Bundle, changes: Changes, path: str) -> tuple[bytes, bytes]:
    """
    A file before and after; of a link, its target; nothing where it is not there.
    """
    before, after = standing(bundle, path), changes.judged.get(path)
    return before.data if before else b"", after.data if after else b""


def _is_own(bundle: Bundle, left: Left, path: str) -> bool:
    """
    The agent's state, or what `prepare` laid in, as long as it is what was laid in.
    """
    if any(fnmatch.fnmatchcase(path.partition("/")[0], pattern) for pattern in STATE):
        return True
    entry = left.changes[path]
    for source, name in format_.LAID:
        if path in (name, f"{format_.ASIDE}/{name}"):
            return entry is not None and entry.data == bundle.read(source)
    return False


def _is_of_tool(bundle: Bundle, path: str) -> bool:
    """
    What any honest run of the tests leaves behind.
    """
    if bundle.manifest.language == "rust":
        return path == _MADE_BY_CARGO
    is_python = bundle.manifest.language == "python"
    return is_python and (path.endswith((".pyc", ".pyo")) or "__pycache__" in path.split("/"))
