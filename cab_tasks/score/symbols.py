"""
Which functions an attempt's changes stand in, where we have a parser for the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.sites import SUFFIXES
from mutators.base import Refusal
from mutators.registry import LANGUAGES, outline_bridge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mutators.base import Outline

MAX_BYTES = 100_000  # of one file: text that is made to hurt takes a second for that


def is_parsed(language: str, path: str) -> bool:
    return language in LANGUAGES and path.endswith(SUFFIXES[language])


def symbols(language: str, data: bytes, lines: Iterable[int]) -> set[str] | Refusal:
    """
    The functions around these lines (from 1), "" for code outside of all; blank lines have none.
    """
    found = _outline(language, data)
    if isinstance(found, Refusal):
        return found
    texts = data.split(b"\n")
    told = (line for line in lines if line <= len(texts) and texts[line - 1].strip())
    return {_around(found, line) for line in told}


def is_same_program(language: str, path: str, before: bytes, after: bytes) -> bool:
    """
    Whether two texts of a source differ in layout and comments only.
    """
    if not is_parsed(language, path):
        return False
    one, other = _outline(language, before), _outline(language, after)
    if isinstance(one, Refusal) or isinstance(other, Refusal):
        return False
    return one.fingerprint == other.fingerprint


def _outline(language: str, data: bytes) -> Outline | Refusal:
    if len(data) > MAX_BYTES:
        return Refusal("too long to be parsed")
    found: Outline | Refusal = outline_bridge(language).outline(data)
    return found


def _around(outline: Outline, line: int) -> str:
    inner = [one for one in outline.symbols if one.first_line <= line <= one.last_line]
    return inner[-1].name if inner else ""
