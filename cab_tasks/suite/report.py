"""
What the injected file says over the channel, read with distrust: tested code can write there too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cab_tasks.model import Failure, TestOutcome, TestResult
from cab_tasks.suite.wording import Wording, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUARD = b"Timeout ("  # faulthandler's words as it ends a process
# The worse of two results of one id counts.
_RANK = {outcome: rank for rank, outcome in enumerate(TestOutcome)}
_OUTCOMES = {outcome.value: outcome for outcome in TestOutcome}


@dataclass(slots=True)
class Report:
    """
    One process's words. `collected` is None until its tests are known, `code` until its end.
    """

    collected: tuple[str, ...] | None = None
    results: dict[str, TestResult] = field(default_factory=dict)
    collection_errors: dict[str, str] = field(default_factory=dict)
    running: str = ""
    code: int | None = None
    is_guarded: bool = False  # ended because a test could not be stopped
    lines: dict[str, dict[str, frozenset[int]]] = field(default_factory=dict)  # test → path → lines
    spawning: set[str] = field(default_factory=set)  # tests that start other programs
    known: dict[tuple[int, ...], frozenset[int]] = field(default_factory=dict)  # lines, kept once
    wording: Wording = field(default_factory=Wording)


def read_report(channel: bytes) -> Report:
    """
    The words of one process; lines that are none are skipped.
    """
    report = Report()
    for line in channel.split(b"\n"):
        if line.startswith(_GUARD):
            report.is_guarded = True
        for message in _message(line):
            _take(report, message)
    return report


def worse(one: TestResult | None, other: TestResult) -> TestResult:
    if one is None:
        return other
    return max(one, other, key=lambda result: _RANK[result.outcome])


def _message(line: bytes) -> Iterator[dict[str, Any]]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return
    if isinstance(message, dict):
        yield message


def _take(report: Report, message: dict[str, Any]) -> None:
    match message:
        case {"kind": "begin", "root": str(root), "prefixes": [*prefixes]}:
            report.wording = Wording(root, tuple(str(prefix) for prefix in prefixes))
        case {"kind": "collected", "ids": [*ids]}:
            report.collected = tuple(str(test) for test in ids)
        case {"kind": "collection_error", "id": str(place), "text": str(text)}:
            report.collection_errors[place] = report.wording.normal(text)
        case {"kind": "start", "id": str(test)}:
            report.running = test
        case {"kind": "result", "id": str(test), "outcome": str(outcome)} if outcome in _OUTCOMES:
            result = result_of(message, report.wording)
            report.results[test] = worse(report.results.get(test), result)
            report.running = "" if report.running == test else report.running
        case {"kind": "lines", "id": str(test), "files": dict(files)}:
            report.lines[test] = {
                path: _lines(report, lines)
                for path, lines in files.items()
                if isinstance(lines, list)
            }
            if message.get("spawns") is True:
                report.spawning.add(test)
        case {"kind": "end", "code": int(code)}:
            report.code = code


def _lines(report: Report, told: list[Any]) -> frozenset[int]:
    """
    One set for all tests that execute the same: there may be tens of thousands.
    """
    key = tuple(line for line in told if isinstance(line, int))
    return report.known.setdefault(key, frozenset(key))


def result_of(message: dict[str, Any], wording: Wording) -> TestResult:
    """
    One test's result as it was told, with an outcome that there is.
    """
    duration_s = message.get("duration_s", 0.0)
    failure = message.get("failure")
    return TestResult(
        id=str(message["id"]),
        outcome=_OUTCOMES[message["outcome"]],
        duration_s=float(duration_s) if isinstance(duration_s, int | float) else 0.0,
        failure=_failure(failure, wording) if isinstance(failure, dict) else None,
    )


def _failure(plain: dict[str, Any], wording: Wording) -> Failure:
    line = plain.get("line", 0)
    values = plain.get("values", ())
    return Failure(
        kind=str(plain.get("kind", "")),
        message=wording.message(str(plain.get("message", ""))),
        path=str(plain.get("path", "")),
        line=line if isinstance(line, int) else 0,
        statement=printable(str(plain.get("statement", ""))),
        values=tuple(
            (str(pair[0]), wording.value(str(pair[1])))
            for pair in (values if isinstance(values, list) else ())
            if isinstance(pair, list) and len(pair) == 2
        ),
    )
