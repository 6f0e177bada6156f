"""
For CI: workflow commands that GitHub shows beside the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Severity, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cab_tasks.lint.engine import LintResult

_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def annotation_lines(results: Iterable[tuple[str, LintResult]]) -> Iterator[str]:
    """
    `::error file=…,line=…,col=…,title=CAB001::message`.
    """
    for root, result in results:
        for finding in result.findings:
            path, line, column = finding.place
            file = _property(f"{root}/{printable(path)}")
            place = f"file={file},line={line},col={column},title={finding.code}"
            yield f"::{_WORDS[finding.severity]} {place}::{_data(finding.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
