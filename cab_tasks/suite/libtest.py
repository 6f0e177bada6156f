"""
libtest's list and its JSON events.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cab_tasks.model import TestOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = ("-Z", "unstable-options", "--format", "json", "--report-time")
LIST = ("--list", "--format", "terse")

_OUTCOMES = {
    "ok": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "ignored": TestOutcome.SKIPPED,
}
_LISTED = re.compile(r"(.+): (?:test|benchmark)")


@dataclass(frozen=True, slots=True)
class Ending:
    """
    How one test ended; `text` is what it printed, `message` why libtest thinks that it failed.
    """

    outcome: TestOutcome
    duration_s: float = 0.0
    text: str = ""
    message: str = ""


@dataclass(slots=True)
class Events:
    """
    What one process told. `running` tests started and have no end.
    """

    is_finished: bool = False
    endings: dict[str, Ending] = field(default_factory=dict)
    running: tuple[str, ...] = ()

    def busy_s(self) -> float:
        """
        An upper bound for when the last test started, seen from the first.
        """
        return sum(ending.duration_s for ending in self.endings.values())


def read_list(text: bytes) -> tuple[str, ...]:
    lines = text.decode("utf-8", "replace").splitlines()
    return tuple(found[1] for line in lines if (found := _LISTED.fullmatch(line.strip())))


def read_events(text: bytes) -> Events:
    """
    All events among other words.
    """
    events = Events()
    started: dict[str, None] = {}
    for event in _events(text):
        name, what = event.get("name"), event.get("event")
        if event.get("type") == "suite":
            events.is_finished = what in ("ok", "failed")
        elif event.get("type") == "test" and isinstance(name, str):
            started.setdefault(name)
            if what in _OUTCOMES:
                events.endings[name] = _worse(events.endings.get(name), _ending(event))
    events.running = tuple(name for name in started if name not in events.endings)
    return events


def _events(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        # What a test writes past libtest's capture may stand before an event on its line.
        start = line.find(b'{ "type":')
        if start < 0:
            continue
        try:
            event = json.loads(line[start:])
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event


def _ending(event: dict[str, Any]) -> Ending:
    duration_s = event.get("exec_time", 0.0)
    return Ending(
        outcome=_OUTCOMES[event["event"]],
        duration_s=float(duration_s) if isinstance(duration_s, int | float) else 0.0,
        text=str(event.get("stdout", "")),
        message=str(event.get("message", "")),
    )


def _worse(one: Ending | None, other: Ending) -> Ending:
    return one if one is not None and one.outcome is TestOutcome.FAILED else other
