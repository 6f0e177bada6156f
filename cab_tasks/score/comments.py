"""
Comment lines that an attempt adds: by our parsers, by how a line begins in other languages.
"""

from __future__ import annotations

import re
from collections import Counter

from cab_tasks.score.lines import MAX_BYTES as MAX_READ
from cab_tasks.score.symbols import MAX_BYTES, is_parsed
from mutators.base import Refusal
from mutators.registry import LANGUAGES, comment_bridge

# What opens a comment at the start of a line, by the end of the file's name.
_OPENINGS = {
    rb"\s*(//|/\*|\*(?!\w))": (
        ".c", ".cc", ".cpp", ".cs", ".go", ".h", ".hpp", ".java", ".js", ".jsx", ".kt", ".mjs",
        ".rs", ".swift", ".ts", ".tsx",
    ),
    rb"\s*#(?!!)": (".py", ".pyi", ".rb", ".sh", ".toml", ".yaml", ".yml"),
}  # fmt: skip


def added_comments(path: str, before: bytes, after: bytes) -> tuple[str, ...]:
    """
    The comment lines of a file that are not in the file before, as often as they are new.
    """
    old, new = Counter(_comments(path, before)), Counter(_comments(path, after))
    return tuple(sorted((new - old).elements()))


def _comments(path: str, data: bytes) -> tuple[str, ...]:
    for language in LANGUAGES:
        if is_parsed(language, path) and len(data) <= MAX_BYTES:
            found: tuple[str, ...] | Refusal = comment_bridge(language).comment_lines(data)
            if not isinstance(found, Refusal):
                return found
    return _by_lines(path, data)


def _by_lines(path: str, data: bytes) -> tuple[str, ...]:
    for opening, suffixes in _OPENINGS.items():
        if path.endswith(suffixes):
            if len(data) > MAX_READ:
                return ("a file too long to be read",)
            lines = (line for line in data.split(b"\n") if re.match(opening, line))
            return tuple(line.strip().decode("utf-8", "backslashreplace") for line in lines)
    return ()
