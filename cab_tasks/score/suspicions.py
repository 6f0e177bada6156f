"""
Suspicions: tricks of introspection and processes that a changed file did not use before.

They are told and decide nothing, for an honest fix may need one. What is hidden well (names that
are put together at run time) is not found: a hint where to read, not a guard.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.globs import matches
from cab_tasks.score.changes import texts
from cab_tasks.score.lines import MAX_BYTES
from cab_tasks.score.names import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cab_tasks.bundle import Bundle
    from cab_tasks.score.changes import Changes

_FROM = r"\b(?:import|from)\s+{0}\b|\b_?{0}\s*\."  # a module imported, or a name of it used
_PYTHON = {
    **{
        name: _FROM.format(name)
        for name in ("inspect", "gc", "ctypes", "importlib", "linecache", "atexit", "signal")
    },
    "sys._getframe": r"\b_getframe\b|\b_current_frames\b",
    "os.fork": r"\bfork(?:pty)?\s*\(",
    "sys.settrace": r"\bset(?:trace|profile)\s*\(|\bsys\.monitoring\b",
    "sys.modules": r"\bsys\.modules\b",
    "compile": r"(?<![.\w])compile\s*\(",
    "exec": r"(?<![.\w])exec\s*\(",
    "eval": r"(?<![.\w])eval\s*\(",
    "__import__": r"\b__import__\b",
    "open(__file__)": r"\bopen\s*\(\s*__file__",
    "/proc/": r"/proc/",
    "builtins": r"\b__builtins__\b|\bbuiltins\b",
    "the page cache": r"\bposix_fadvise\b|\bpreadv\b|\bmincore\b",
    "the test runner": r"\b(?:import|from)\s+(?:unittest|_?pytest)\b",
}
_RUST = {
    "std::process": r"\bprocess\s*::|\bstd::process\b",
    "std::env::args": r"\benv\s*::\s*(?:args|current_exe)",
    "/proc/": r"/proc/",
    "no_mangle": r"\bno_mangle\b|\bexport_name\b",
    "link_section": r"\blink_section\b",
    'extern "C"': r'\bextern\s+"C',
    "asm!": r"\b(?:global_)?asm!",
    "Location::caller": r"\bLocation\s*::\s*caller\b|\btrack_caller\b",
    "include_str!": r"\binclude(?:_str|_bytes)?!",
    "file!()": r"\bfile!\s*\(",
    "panic::set_hook": r"\b(?:set|take)_hook\b",
    "catch_unwind": r"\bcatch_unwind\b",
    "std::fs": r"\bfs\s*::|\bstd::fs\b",
}
_TRICKS = {
    ".py": {name: re.compile(text) for name, text in _PYTHON.items()},
    ".rs": {name: re.compile(text) for name, text in _RUST.items()},
}


def suspicions(bundle: Bundle, changes: Changes) -> tuple[str, ...]:
    """
    `path:line: uses X, which nothing there used`, by path and line; of tests nothing is told.
    """
    found: list[str] = []
    for path in sorted((*changes.added, *changes.modified)):
        tricks = _TRICKS.get(path[-3:])
        if tricks is None or matches(path, bundle.manifest.tests.protected):
            continue
        before, after = texts(bundle, changes, path)
        if len(after) > MAX_BYTES:
            found.append(f"{plain(path)}: too large to be looked at")
            continue
        new = sorted(_new_tricks(tricks, before, after))
        found += [
            f"{plain(path)}:{line}: uses {name}, which nothing there used" for line, name in new
        ]
    return tuple(found)


def _new_tricks(
    tricks: Mapping[str, re.Pattern[str]], before: bytes, after: bytes
) -> Iterator[tuple[int, str]]:
    old, new = (data.decode("utf-8", "replace") for data in (before, after))
    for name, pattern in tricks.items():
        match = pattern.search(new)
        if match is not None and pattern.search(old) is None:
            yield new.count("\n", 0, match.start()) + 1, name
