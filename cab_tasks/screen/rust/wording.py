"""
The driver's words on one mutant as results, with why its tests fail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cab_tasks.model import TestOutcome, TestResult
from cab_tasks.suite.libtest import Ending
from cab_tasks.suite.panics import failure_of
from mutators.base import apply_edits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cab_tasks.model import Mutant
    from cab_tasks.suite.cargo_build import Program

_ABSENT = "absent"


def results_of(
    told: Sequence[tuple[Any, ...]], programs: Sequence[Program]
) -> tuple[tuple[TestResult, ...], tuple[str, ...]]:
    """
    The tests that did not pass, sorted; and those that were not there.
    """
    ids = sorted((f"{programs[one[0]].binary} {one[1]}", one) for one in told)
    results = tuple(
        TestResult(test, TestOutcome(one[2]), one[3]) for test, one in ids if one[2] != _ABSENT
    )
    return results, tuple(test for test, one in ids if one[2] == _ABSENT)


def described(
    told: Sequence[tuple[Any, ...]],
    programs: Sequence[Program],
    mutant: Mutant,
    files: Mapping[str, bytes],
    globs: tuple[str, ...],
) -> tuple[TestResult, ...]:
    """
    Likewise, each failed test with its failure, in lines of the mutated file.
    """
    edited = {**files, mutant.path: apply_edits(files[mutant.path], mutant.edits)}
    found = []
    for number, name, outcome, duration_s, text, message in told:
        failure = None
        if outcome == TestOutcome.FAILED:
            here = _in_edited_lines(text, mutant, files[mutant.path])
            ending = Ending(TestOutcome.FAILED, duration_s, here, message)
            failure = failure_of(name, ending, edited, globs)
        test = f"{programs[number].binary} {name}"
        found.append(TestResult(test, TestOutcome(outcome), duration_s, failure))
    return tuple(sorted(found, key=lambda one: one.id))


def _in_edited_lines(text: str, mutant: Mutant, data: bytes) -> str:
    """
    Woven sources have the lines of the original; a plain run has those of the edited file.
    """

    def moved(found: re.Match[str]) -> str:
        line = int(found[2])
        shift = sum(
            edit.new.count(b"\n") - edit.old.count(b"\n")
            for edit in mutant.edits
            if data.count(b"\n", 0, edit.end) + 1 <= line
        )
        return f"{found[1]}{line + shift}:"

    return re.sub(rf"(panicked at {re.escape(mutant.path)}:)(\d+):", moved, text)
