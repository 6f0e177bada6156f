"""
What a rule says: a finding with its place, a repair, and how bad it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """
    ERROR: the task does not work or is unfair; WARNING: it soon will be; INFO: worth a look.

    An INFO finding does not fail a run.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Place(NamedTuple):
    """
    Where in a bundle: relative path, line and column from 1.
    """

    path: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """
    One thing that is wrong, at one place. `message` is printable, whatever the bundle holds.
    """

    place: Place
    code: str
    message: str
    severity: Severity
    fixable: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """
    The whole new content of one file of the bundle; `code` is the rule that wants it.
    """

    code: str
    path: str
    data: bytes
    says: str


def printable(text: str) -> str:
    """
    The text with everything that a terminal or a log would act on written as an escape.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
