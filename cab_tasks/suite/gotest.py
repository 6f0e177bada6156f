"""
What a Go test program prints with `-test.v=test2json`: its own lines are marked, by a byte 0x16.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cab_tasks.model import TestOutcome

_START = re.compile(r"=== (RUN|PAUSE|CONT|NAME) +(\S*)")
_END = re.compile(r" *--- (PASS|FAIL|SKIP): (\S+) \((\d+\.\d+)s\)")
_OUTCOMES = {
    "PASS": TestOutcome.PASSED,
    "FAIL": TestOutcome.FAILED,
    "SKIP": TestOutcome.SKIPPED,
}


@dataclass(slots=True)
class Ending:
    """
    How one test ended; `text` is what was printed while it ran.
    """

    outcome: TestOutcome
    duration_s: float
    text: str = ""


@dataclass(slots=True)
class Told:
    """
    One process's words. `running` tests started and have no end, the innermost last; `twice` have
    more than one; `is_finished` says that the program reached its own end.
    """

    endings: dict[str, Ending] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    twice: set[str] = field(default_factory=set)
    is_finished: bool = False
    last: str = ""  # the test that ended last

    def culprits(self) -> tuple[str, ...]:
        """
        The tests, none of them a subtest, that may have ended a program before its own end.

        A panic is told as its test's failure, and nothing comes after it.
        """
        running = tuple(name for name in self.running if "/" not in name)
        ended = self.last.partition("/")[0]
        return running or ((ended,) if ended else ())


def read_told(data: bytes) -> Told:
    told = Told()
    texts: dict[str, list[str]] = {}
    name = ""
    for part in data.decode("utf-8", "replace").split("\x16")[1:]:
        head, _, rest = part.partition("\n")
        if begun := _START.match(head):
            name = begun[2]
            if begun[1] == "RUN":
                told.running.append(name)
        elif ended := _END.match(head):
            name = ended[2]
            _end(told, ended)
        elif head in ("PASS", "FAIL"):
            told.is_finished = True
        texts.setdefault(name, []).append(rest)
    for test, ending in told.endings.items():
        ending.text = "".join(texts.get(test, ()))
    return told


def _end(told: Told, ended: re.Match[str]) -> None:
    name = told.last = ended[2]
    if name in told.endings:
        told.twice.add(name)
    told.endings[name] = Ending(_OUTCOMES[ended[1]], float(ended[3]))
    if name in told.running:
        told.running.remove(name)
