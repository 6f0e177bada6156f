"""
How much an attempt changes beside what had to change: in files, and in lines and functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.score.axes.axis import Axis
from cab_tasks.score.changes import texts
from cab_tasks.score.lines import MAX_CELLS, MAX_CELLS_OF_ALL, Stretch, stretches
from cab_tasks.score.names import shown
from cab_tasks.score.symbols import is_parsed, symbols
from mutators.base import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cab_tasks.bundle import Bundle
    from cab_tasks.score.changes import Changes

MAX_PARSED = 20  # files; an attempt that rewrites more is no closer look worth


class LineBlast(Axis):
    """
    Changed lines, and those of them outside of the lines that the reference fix changes.
    """

    changed: int
    unexpected: int
    blast_radius: float


class SymbolBlast(Axis):
    """
    Changed functions as `path:function` (`path:` is code outside of all), and those of them that
    the reference fix leaves alone; `unread` files count at file and line level only.
    """

    changed: tuple[str, ...]
    unexpected: tuple[str, ...]
    unread: tuple[str, ...]
    blast_radius: float


class BlastRadius(Axis):
    """
    `blast_radius` is the share of changed files that were not expected to; 0 if nothing changed.

    `agent_files` are not charged: state of known agents, what `prepare` laid in, caches.
    """

    blast_radius: float
    added: tuple[str, ...]
    removed: tuple[str, ...]
    modified: tuple[str, ...]
    unexpected_changes: tuple[str, ...]
    expected_changes: tuple[str, ...]
    total_changes: int
    extra_git_dir: bool
    agent_files: tuple[str, ...]
    lines: LineBlast
    symbols: SymbolBlast | None


def blast_radius(bundle: Bundle, changes: Changes, git_dirs: tuple[str, ...]) -> BlastRadius:
    """
    The axis, at all three levels; functions only where the language has a parser of ours.
    """
    cells = min(MAX_CELLS, MAX_CELLS_OF_ALL // max(1, len(changes.modified)))
    runs = {path: stretches(*texts(bundle, changes, path), cells) for path in changes.all}
    return BlastRadius(
        blast_radius=_share(len(changes.unexpected), len(changes.all)),
        added=shown(changes.added),
        removed=shown(changes.removed),
        modified=shown(changes.modified),
        unexpected_changes=shown(changes.unexpected),
        expected_changes=shown(changes.expected),
        total_changes=len(changes.all),
        extra_git_dir=bool(git_dirs),
        agent_files=shown(changes.agent_files),
        lines=_line_blast(bundle, changes.added, runs),
        symbols=_symbol_blast(bundle, changes, runs),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _line_blast(
    bundle: Bundle, added: tuple[str, ...], runs: Mapping[str, tuple[Stretch, ...]]
) -> LineBlast:
    expected = bundle.manifest.expected_changes
    changed = unexpected = 0
    for path, found in runs.items():
        spans = tuple(change.lines for change in expected if change.path == path)
        # A file that the fix adds has no lines before it: all of them are expected.
        is_new = bool(spans) and path in added
        changed += sum(run.size for run in found)
        unexpected += 0 if is_new else sum(run.outside(spans) for run in found)
    share = _share(unexpected, changed)
    return LineBlast(changed=changed, unexpected=unexpected, blast_radius=share)


def _symbol_blast(
    bundle: Bundle, changes: Changes, runs: Mapping[str, tuple[Stretch, ...]]
) -> SymbolBlast | None:
    language = bundle.manifest.language
    sources = [path for path in runs if is_parsed(language, path)]
    if not any(is_parsed(language, one.path) for one in bundle.manifest.expected_changes):
        return None
    changed: set[str] = set()
    unread = sources[MAX_PARSED:]
    for path in sources[:MAX_PARSED]:
        names = _symbols(language, texts(bundle, changes, path), runs[path])
        if isinstance(names, Refusal):
            unread.append(path)
        else:
            changed |= {f"{path}:{name}" for name in names}
    wanted = tuple(f"{one.path}:{one.symbol}" for one in bundle.manifest.expected_changes)
    unexpected = {name for name in changed if not _is_within(name, wanted)}
    return SymbolBlast(
        changed=shown(tuple(sorted(changed))),
        unexpected=shown(tuple(sorted(unexpected))),
        unread=shown(tuple(sorted(unread))),
        blast_radius=_share(len(unexpected), len(changed)),
    )


def _symbols(
    language: str, texts: tuple[bytes, bytes], found: tuple[Stretch, ...]
) -> set[str] | Refusal:
    """
    Functions that lose lines, in the file before, and those that get some, in the file after.
    """
    lost = [line for run in found for line in range(run.old_first, run.old_end)]
    got = [line for run in found for line in range(run.new_first, run.new_end)]
    before = symbols(language, texts[0], lost) if lost else set()
    after = symbols(language, texts[1], got) if got else set()
    if isinstance(before, Refusal):
        return before
    return after if isinstance(after, Refusal) else before | after


def _is_within(name: str, wanted: tuple[str, ...]) -> bool:
    """
    Whether it is an expected function, or stands inside of one.
    """
    return name in wanted or any(
        name.startswith((f"{one}.", f"{one}::")) for one in wanted if not one.endswith(":")
    )
