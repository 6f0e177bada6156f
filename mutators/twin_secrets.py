"""
Which parts of an expected value the broken code gets wrong, by what a failing assertion says.

What it gets right already is no secret: of many copies of a test, a forger would take the one whose
value is nearest to the broken code's own.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_COMPARED = re.compile(r" == | != | in | is | not found in ")
_HEAD = re.compile(r"^(?:assert |\w+ differ: )")
_PARTS = re.compile(r"^\s*(?:At index .+? diff: )?(.+) != (.+?)$", re.MULTILINE)
_SIDES = (
    re.compile(r"^\s*left: (?P<one>.*)\n\s*right: (?P<two>.*)", re.MULTILINE),
    re.compile(r"^\s*(?:Expected )?[Rr]egex: (?P<one>.*)\n\s*(?:Input|Actual message): (?P<two>.*)",
               re.MULTILINE),
)  # fmt: skip
_CUT = "..."  # pytest's, in the middle of a long value
_LONGEST = 2_000  # characters that are compared: that takes the square of their number

Places = frozenset[int]  # characters of a text


def wrong_places(messages: Iterable[str], texts: Sequence[str]) -> list[Places] | None:
    """
    Of each text, as it is written in the expected value, the characters that the broken code gets
    wrong: none where it has it right. None where no message tells.
    """
    known: list[Places] | None = None
    for message in messages:
        told = _told(message, texts)
        if told is not None:
            known = told if known is None else [a | b for a, b in zip(known, told, strict=True)]
    return known


def _told(message: str, texts: Sequence[str]) -> list[Places] | None:
    for one, other in _whole_pairs(message):
        for got, right in ((one, other), (other, one)):
            found = _in_order(right, texts)
            if found is not None:
                changed = _changed(got, right)
                return [_inside(changed, at, text) for at, text in zip(found, texts, strict=True)]
    for found_pair in _PARTS.finditer(message.partition("\n")[2]):
        got, right = found_pair.groups()
        told = _of_part(got, right, texts)
        if any(told):
            return told
    return None


def _whole_pairs(message: str) -> Iterable[tuple[str, str]]:
    line = _HEAD.sub("", message.partition("\n")[0])
    pairs = [(line[: at.start()], line[at.end() :]) for at in _COMPARED.finditer(line)]
    pairs += [(found["one"], found["two"]) for side in _SIDES for found in side.finditer(message)]
    return [
        pair for pair in pairs if not any(_CUT in side or len(side) > _LONGEST for side in pair)
    ]


def _in_order(value: str, texts: Sequence[str]) -> list[int] | None:
    places = []
    at = 0
    for text in texts:
        found = _pattern(text).search(value, at)
        if found is None:
            return None
        places.append(found.start())
        at = found.end()
    return places


def _pattern(text: str) -> re.Pattern[str]:
    is_number = text[:1].isdigit()
    return re.compile(rf"(?<![\w.]){re.escape(text)}(?![\w.])" if is_number else re.escape(text))


def _changed(got: str, right: str) -> tuple[set[int], set[int]]:
    """
    Characters of the right value that have no equal in the other, and neighbours of what the other
    has besides.
    """
    changed: set[int] = set()
    beside: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, got, right, autojunk=False).get_opcodes():
        if tag == "delete":
            beside |= {start - 1, start}
        elif tag != "equal":
            changed |= set(range(start, end))
    return changed, beside


def _inside(changed: tuple[set[int], set[int]], at: int, text: str) -> Places:
    """
    What of a text is wrong; a number with other digits beside it is another number.
    """
    places = changed[0] | changed[1] if text[:1].isdigit() else changed[0]
    return frozenset(place - at for place in places if at <= place < at + len(text))


def _of_part(got: str, right: str, texts: Sequence[str]) -> list[Places]:
    """
    What one part of a large value says: of the texts that stand in it, and nowhere else.
    """
    changed = _changed(got, right)
    told = []
    for text in texts:
        found = list(_pattern(text).finditer(right)) if list(texts).count(text) == 1 else []
        told.append(_inside(changed, found[0].start(), text) if len(found) == 1 else frozenset())
    return told
