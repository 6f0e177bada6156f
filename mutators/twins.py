"""
What a must-fail twin is made of: a test's expectations, and other texts of the same shape.

A reader who sees a right expectation among its alternatives must not be able to tell it apart. So
alternatives come from a class that the right text is a member of like any other: numbers around it
with as many digits and trailing zeros, strings that differ in one and the same letter.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from mutators.twin_secrets import wrong_places

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mutators.base import Edit

# A literal may have any integer type that holds it, so alternatives stay between the same limits.
_TYPE_LIMITS = (1 << 7, 1 << 8, 1 << 15, 1 << 16, 1 << 31, 1 << 32, 1 << 63, 1 << 64)
_SMALL = 1 << 8  # below it, the limits leave too few numbers with the same trailing zeros
_DECIMAL = re.compile(r"(\d[\d_]*(?:\.\d[\d_]*)?)((?:_?[iuf](?:8|16|32|64|128|size))?)")
_ESCAPE = re.compile(
    rb"\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F_]+\}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}"
    rb"|[0-7]{1,3}|.)|\{[^{}]*\}",
    re.DOTALL,
)
_ALIKE = (b"0123456789", b"bcdfghjklmnpqrstvwxz", b"aeiouy", b"BCDFGHJKLMNPQRSTVWXZ", b"AEIOUY")


# Of each failing test: its line (from 1), and what the assertion said, "" where none was reached.
Failures = Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    A text of a test that a right solution satisfies, and others that it does not.

    `row` is the place in the test's table of parameters, None outside of one. `guessable` where a
    reader may tell which is right: a negation, or what the broken code has right already.
    """

    start: int
    old: bytes
    new: tuple[bytes, ...]
    row: int | None = None
    guessable: bool = False


@dataclass(frozen=True, slots=True)
class Perturbable:
    """
    A test function: its whole lines, its name, its expectations; offsets are bytes of the file.

    `rows` are patterns of the ids that a table's rows have, by row; copies of the test name their
    rows as `row_ids` say, once `fixed` edits are made.
    """

    start: int
    end: int
    name: Edit
    expectations: tuple[Expectation, ...]
    fixed: tuple[Edit, ...] = ()
    rows: tuple[str, ...] = ()
    row_ids: tuple[str, ...] = ()


# How a blind test tells: `MARK hex` in its failure's message, of a value as Python writes it. A
# data class is DATACLASS, its name and its fields. UNKNOWN and a class: the repaired tree tells.
MARK = "cab-blind"
DATACLASS = "cab-dataclass"
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class BlindFunction:
    """
    Edits that let a test tell what it got, and what that has to equal, as Python writes it, by row
    of the test's table (None: it has none). `rows` and `row_ids` as of `Perturbable`.
    """

    edits: tuple[Edit, ...]
    values: Mapping[int | None, str]
    rows: tuple[str, ...] = ()
    row_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blinded:
    """
    Edits of a test file, and those of its functions, by names, that tell what they got.
    """

    edits: tuple[Edit, ...]
    functions: Mapping[tuple[str, ...], BlindFunction]


def other_numbers(text: str, salt: bytes, most: int, *, typed: bool) -> tuple[str, ...]:
    """
    Up to `most` numbers like a decimal literal: near it, as many digits and trailing zeros; sorted.

    `typed` where a number out of its type's range would not compile. None of hexadecimal, of
    powers, of what else is no plain decimal.
    """
    found = _DECIMAL.fullmatch(text)
    if found is None or (text.startswith("0") and text.lstrip("0_")[:1].isdigit()):
        return ()
    digits = re.sub(r"\D", "", found[1])
    others = _window(int(digits), salt, most, typed="." not in text and typed)
    return tuple(_as_written(found[1], str(other)) + found[2] for other in others)


def _window(number: int, salt: bytes, most: int, *, typed: bool) -> list[int]:
    """
    Members of its class around a number, which may stand anywhere between them.
    """
    is_round = not (typed and number < _SMALL)
    zeros = _zeros(number) if is_round else 0
    bounds = _range(number, typed=typed)
    below, above = (
        list(islice(_members(number, way * 10**zeros, bounds, zeros if is_round else None), most))
        for way in (-1, 1)
    )
    least = max(0, most - len(above))
    share = least + _pick(salt, max(0, min(most, len(below)) - least) + 1)
    return sorted([*below[:share], *above[: most - share]])


def _members(number: int, step: int, bounds: tuple[int, int], zeros: int | None) -> Iterator[int]:
    """
    Numbers from one on, in one direction, with so many trailing zeros (None: with any).
    """
    other = number + step
    while bounds[0] <= other <= bounds[1]:
        if zeros is None or _zeros(other) == zeros:
            yield other
        other += step


def _range(number: int, *, typed: bool) -> tuple[int, int]:
    digits = len(str(number))
    low, high = (0, 9) if digits == 1 else (10 ** (digits - 1), 10**digits - 1)
    for limit in _TYPE_LIMITS if typed else ():
        if number >= limit:
            low = max(low, limit)
        else:
            high = min(high, limit - 1)
    return low, high


def _zeros(number: int) -> int:
    text = str(number)
    return len(text) - len(text.rstrip("0")) if number else 0


def _as_written(like: str, digits: str) -> str:
    """
    Digits with the point and the underscores of a literal with as many.
    """
    left = list(digits.zfill(len(re.sub(r"\D", "", like))))
    return "".join(left.pop(0) if mark.isdigit() else mark for mark in like)


def other_letter(
    data: bytes, span: tuple[int, int], salt: bytes, most: int, only: Collection[int] = ()
) -> Expectation | None:
    """
    One letter or digit of a string's inside, and others of its kind; escapes are left alone.

    `only` are offsets to choose from, if there is one that will do. A digit tells a reader least
    of what is right, then a consonant.
    """
    start, end = span
    taken = {at for found in _ESCAPE.finditer(data, start, end) for at in range(*found.span())}
    free = [at for at in range(start, end) if at not in taken]
    wanted = [at for at in free if at in only]
    for places in (wanted, free):
        for alike in _ALIKE:
            fitting = [at for at in places if data[at] in alike]
            if fitting:
                at = fitting[_pick(salt, len(fitting))]
                old = data[at : at + 1]
                others = [bytes((one,)) for one in alike if bytes((one,)) != old]
                if _leads(data, at):
                    others = [one for one in others if one != b"0"]
                return Expectation(at, old, tuple(shuffled(others, salt))[:most])
    return None


def _leads(data: bytes, at: int) -> bool:
    """
    Whether a digit begins a number of several, which does not begin with a zero.
    """
    return not data[at - 1 : at].isdigit() and data[at + 1 : at + 2].isdigit()


def shuffled(items: Iterable[bytes], salt: bytes) -> list[bytes]:
    """
    In an order that only the salt tells.
    """
    return sorted(items, key=lambda item: hashlib.sha256(salt + b"\0" + item).digest())


def _pick(salt: bytes, count: int) -> int:
    return int.from_bytes(hashlib.sha256(salt).digest()[:8], "big") % count


@dataclass(frozen=True, slots=True)
class Literal:
    """
    A literal's place, `kind` (number, choice, text), and the texts that a choice is of.
    """

    start: int
    end: int
    kind: str
    choice: tuple[bytes, ...] = ()


def literal_expectations(
    data: bytes,
    literals: Sequence[Literal],
    messages: Collection[str],
    salt: bytes,
    copies: int,
    *,
    typed: bool,
) -> Iterator[Expectation]:
    """
    Those of one value's literals that the broken code gets wrong, by what its failures say.

    Where they do not tell, only a value of one number or choice is surely wrong as a whole.
    """
    if not literals:
        return
    texts = [_shown(data[one.start : one.end].decode("utf-8", "replace"), one) for one in literals]
    known = wrong_places(messages, texts) if messages else [frozenset(range(len(t))) for t in texts]
    is_sure = known is not None and any(known)
    if not is_sure:
        known = [frozenset(range(len(text))) for text in texts]
        is_sure = len(literals) == 1 and literals[0].kind != "text"
    pairs = zip(literals, known or (), strict=True)
    wrong = [(one, places) for one, places in pairs if places]
    most = needed(copies, len(wrong))
    for one, places in wrong:
        own = salt + str(one.start).encode()
        made = _literal_expectation(data, one, places, own, most, typed=typed)
        if made is not None and made.new:
            yield replace(made, guessable=not is_sure)


def _shown(text: str, literal: Literal) -> str:
    """
    A literal as a message tells its value: without underscores and type.
    """
    found = _DECIMAL.fullmatch(text) if literal.kind == "number" else None
    return found[1].replace("_", "") if found is not None else text


def _literal_expectation(
    data: bytes, literal: Literal, places: Collection[int], salt: bytes, most: int, *, typed: bool
) -> Expectation | None:
    old = data[literal.start : literal.end]
    if literal.kind == "number":
        others = [text.encode() for text in other_numbers(old.decode(), salt, most, typed=typed)]
        return Expectation(literal.start, old, tuple(others))
    if literal.kind == "choice":
        return Expectation(literal.start, old, other_choices(old, literal.choice, salt, most))
    span = (literal.start, literal.end)
    only = {literal.start + place for place in places} if old.isascii() else set()
    return other_letter(data, span, salt, most, only)


def other_choices(old: bytes, choice: Iterable[bytes], salt: bytes, most: int) -> tuple[bytes, ...]:
    return tuple(shuffled((one for one in choice if one != old), salt)[:most])


def needed(copies: int, parts: int) -> int:
    """
    How many alternatives each of some parts must have for so many different copies.

    At least three, where there are several parts: one of them may come to nothing.
    """
    most = 1
    while parts and (most + 1) ** parts < copies:
        most += 1
    return max(most, 3 if parts > 1 else most)
