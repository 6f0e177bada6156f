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
from mutators.base import Edit, StaleEditError, apply_edits
from mutators.registry import blind_bridge

if TYPE_CHECKING:
    from cab_tasks.bundle import Bundle
    from cab_tasks.model import Run
    from cab_tasks.twin_records import Blind

_SHOWN = 80  # characters of a value


def blind_files(bundle: Bundle, blind: Blind) -> dict[str, bytes]:
    """
    The files of the laid tree that hold blind tests in the place of the tests.

    Raises:
        BundleError: an edit is not of the text that is there.
    """
    files = {}
    for file in blind.files:
        edits = (Edit(one.start, one.old.encode(), one.new.encode()) for one in file.edits)
        data = bundle.read(f"{format_.HIDDEN_TESTS}/{file.path}")
        try:
            files[file.path] = apply_edits(data, edits)
        except StaleEditError as error:
            raise BundleError(f"{file.path}: {error}", str(bundle.root / format_.TWINS)) from error
    return files


def wrong_of(bundle: Bundle, blind: Blind, run: Run) -> tuple[str, ...]:
    """
    Tests that did not tell what is right, and what each told.
    """
    told = values_of(bundle, run)
    return tuple(
        f"{test.test} told {told.get(test.run_as, '')[:_SHOWN] or 'nothing'}"
        for test in blind.tests
        if not is_equal(told.get(test.run_as, ""), test.value)
    )


def values_of(bundle: Bundle, run: Run) -> dict[str, str]:
    """
    What the tests of a completed run have told, by their ids.
    """
    mark = blind_bridge(bundle.manifest.language).MARK
    return {
        result.id: _value(mark, result.failure.message)
        for result in (run.results if run.end is RunEnd.COMPLETED else ())
        if result.outcome is TestOutcome.FAILED and result.failure is not None
    }


def _value(mark: str, message: str) -> str:
    """
    What a message tells; nothing if it is none of a blind test.
    """
    head, _, digits = message.partition(" ")
    try:
        return bytes.fromhex(digits).decode() if head == mark else ""
    except ValueError:
        return ""


def is_equal(told: str, right: str) -> bool:
    """
    Whether two values are, as Python writes them; nothing equals what it cannot read.
    """
    try:
        return bool(told) and bool(ast.literal_eval(told) == ast.literal_eval(right))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
