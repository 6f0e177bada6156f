"""
Which functions an attempt's changes stand in, where we have a parser for the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.sites import SUFFIXES
from mutators.base import Refusal
from mutators.registry import LANGUAGES, bridge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mutators.base import Source

MAX_BYTES = 200_000  # of one file: libcst takes seconds for more


def is_parsed(language: str, path: str) -> bool:
    return language in LANGUAGES and path.endswith(SUFFIXES[language])


def symbols(language: str, path: str, data: bytes, lines: Iterable[int]) -> set[str] | Refusal:
    """
    The functions around these lines (from 1), "" for code outside of all; blank lines have none.
    """
    if len(data) > MAX_BYTES:
        return Refusal("too long to be parsed")
    source: Source | Refusal = bridge(language).parse(data, path)
    if isinstance(source, Refusal):
        return source
    found = (source.symbol_at(at) for at in _starts(data, frozenset(lines)))
    return {symbol.name if symbol else "" for symbol in found}


def is_same_program(language: str, path: str, before: bytes, after: bytes) -> bool:
    """
    Whether two texts of a source differ in layout and comments only.
    """
    if not is_parsed(language, path) or max(len(before), len(after)) > MAX_BYTES:
        return False
    one, other = (bridge(language).parse(data, path) for data in (before, after))
    if isinstance(one, Refusal) or isinstance(other, Refusal):
        return False
    return bool(one.fingerprint() == other.fingerprint())


def _starts(data: bytes, lines: frozenset[int]) -> Iterator[int]:
    """
    The byte where the text of each of these lines begins.
    """
    at = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.strip()
        if number in lines and text:
            yield at + line.index(text[:1])
        at += len(line) + 1
