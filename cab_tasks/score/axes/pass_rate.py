"""
Whether an attempt passes, how far it came, and how each expected test ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from cab_tasks.judge import Verdict
from cab_tasks.model import RunEnd, TestOutcome
from cab_tasks.score.axes.axis import Axis
from cab_tasks.score.names import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.bundle import TestLists
    from cab_tasks.model import Run

TAIL = 2000  # characters, as published tails have them about
_REPAIRED = ("fail_to_pass", "absent_to_pass", "skip_to_pass")


class TestRecord(Axis):
    """
    One expected test: its transition in the reference fix, and how it ended here.
    """

    id: str
    expected: str
    outcome: str


class PassRate(Axis):
    """
    `exit_code` and tails are made of our own run's outcomes: nothing that tests print is in them.

    `partial_score` is the share of tests to be repaired that are, 0 where another one broke.
    """

    passed: int = Field(validation_alias="pass", serialization_alias="pass")
    exit_code: int
    timed_out: bool
    stdout_tail: str
    stderr_tail: str
    partial_score: float
    tests: tuple[TestRecord, ...]


def pass_rate(
    lists: TestLists, run: Run, verdict: Verdict, *, timed_out: bool, refusal: float | None = None
) -> PassRate:
    """
    The axis of a verdict that was reached on this run; `refusal` is a task's that is to be refused.
    """
    tests = tuple(_records(lists, run))
    partial = _partial(tests, verdict) if refusal is None else refusal
    return PassRate(
        passed=int(verdict is Verdict.PASS),
        exit_code=int(verdict is not Verdict.PASS),
        timed_out=timed_out or run.end is RunEnd.TIMEOUT,
        stdout_tail=_tail(_told(tests)),
        stderr_tail=_tail("" if run.end is RunEnd.COMPLETED else f"{run.end}: {plain(run.detail)}"),
        partial_score=0.0 if verdict is Verdict.TAMPERED else partial,
        tests=tests,
    )


def _told(tests: tuple[TestRecord, ...]) -> str:
    lines = [f"{test.outcome} {test.id}" for test in tests if not _is_passed(test)]
    passed = sum(map(_is_passed, tests))
    return "\n".join([*lines, f"{passed} of {len(tests)} tests passed"])


def _records(lists: TestLists, run: Run) -> Iterator[TestRecord]:
    outcomes = run.outcomes()
    transitions = {
        test: name for name in ("pass_to_pass", *_REPAIRED) for test in getattr(lists, name)
    }
    for test, expected in sorted(transitions.items()):
        outcome = outcomes[test].value if test in outcomes else "absent"
        yield TestRecord(id=plain(test), expected=expected, outcome=outcome)


def _partial(tests: tuple[TestRecord, ...], verdict: Verdict) -> float:
    """
    A task without a test to be repaired is right or wrong as a whole.
    """
    to_repair = [test for test in tests if test.expected in _REPAIRED]
    broke = any(test.expected == "pass_to_pass" and not _is_passed(test) for test in tests)
    if not to_repair:
        return float(verdict is Verdict.PASS)
    return 0.0 if broke else sum(map(_is_passed, to_repair)) / len(to_repair)


def _is_passed(test: TestRecord) -> bool:
    return test.outcome == TestOutcome.PASSED


def _tail(text: str) -> str:
    return text if len(text) <= TAIL else "…" + text[1 - TAIL :]
