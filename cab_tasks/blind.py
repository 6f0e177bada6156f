"""
Blind tests as they are run: hidden tests that tell what they got, and hold nothing that is right.

Nothing in the process that runs tests can be kept from reading them. Here there is nothing to read:
what a test tells is compared outside of it. So code that mends itself with the tests as its judge,
or chooses the likeliest of several copies, has no judge and no copies.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks.errors import BundleError
from cab_tasks.model import RunEnd, TestOutcome
from cab_tasks.twins import edit_of, pristine_text
from mutators.base import StaleEditError, apply_edits
from mutators.twins import DATACLASS, MARK

if TYPE_CHECKING:
    from cab_tasks.bundle import Bundle
    from cab_tasks.model import Run
    from cab_tasks.twin_records import Blind

_SHOWN = 80  # characters of a value
_UNREADABLE = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


def blind_files(bundle: Bundle, blind: Blind) -> dict[str, bytes]:
    """
    The files of the laid tree that hold blind tests in the place of the tests.

    Raises:
        BundleError: an edit is not of the text that is there.
    """
    files = {}
    for file in blind.files:
        try:
            files[file.path] = apply_edits(
                pristine_text(bundle, file.path, ""), map(edit_of, file.edits)
            )
        except StaleEditError as error:
            raise BundleError(f"{file.path}: {error}", str(bundle.root / format_.TWINS)) from error
    return files


def wrong_of(blind: Blind, run: Run) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Tests that told something else than what is right, and those that told nothing one can read.
    """
    known = values_of(run)
    other, none = [], []
    for test in blind.tests:
        value = known.get(test.run_as, "")
        if is_equal(value, test.value):
            continue
        if _is_read(value):
            other.append(f"{test.test} gave {value[:_SHOWN]}")
        else:
            none.append(f"{test.test} gave {value[:_SHOWN] or 'nothing'}")
    return tuple(other), tuple(none)


def values_of(run: Run) -> dict[str, str]:
    """
    What the tests of a completed run have told, by their ids.
    """
    return {
        result.id: _value(result.failure.message)
        for result in (run.results if run.end is RunEnd.COMPLETED else ())
        if result.outcome is TestOutcome.FAILED and result.failure is not None
    }


def _value(message: str) -> str:
    """
    What a message tells; nothing if it is none of a blind test.
    """
    head, _, digits = message.partition("\n")[0].partition(" ")
    try:
        return bytes.fromhex(digits).decode() if head == MARK else ""
    except ValueError:
        return ""


def is_equal(value: str, right: str) -> bool:
    """
    Whether two values are, as Python writes them; nothing equals what it cannot read.

    Of a data class, told as its name and fields, fields that the right one does not have are free.
    """
    try:
        one, other = ast.literal_eval(value), ast.literal_eval(right)
        if _is_dataclass(one) and _is_dataclass(other):
            known = {name: one[2][name] for name in other[2] if name in one[2]}
            return bool(one[1] == other[1] and known == other[2])
        return bool(one == other)
    except _UNREADABLE:
        return False


def _is_dataclass(value: object) -> bool:
    return isinstance(value, tuple) and value[:1] == (DATACLASS,) and len(value) == 3


def _is_read(value: str) -> bool:
    try:
        ast.literal_eval(value)
    except _UNREADABLE:
        return False
    return True
