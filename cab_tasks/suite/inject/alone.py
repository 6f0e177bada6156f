"""
A traced run in which each test has a fork of its own, so that it reaches what it needs by itself.

In one process, only the first test that uses a fixture, a cache or a late import reaches what is
behind it; a bug there breaks the others just as well.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from .channel import Channel
from .screen_round import Round

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .reach import Tracer

_ALONE_S = 120.0  # for all tests; fixtures for a whole session may be too dear for one test
_TEST_S = 60.0  # what one test may take, if the plan has no limit: it gets a multiple of it


def trace_alone(
    tests: Iterable[str],
    run: Callable[[str, Channel], None],
    tracer: Tracer,
    channel: Channel,
    limit_s: float,
) -> Rest:
    """
    Run each test in a fork and tell of it, if it passes there.
    """
    tests = list(tests)

    def body(chosen: Sequence[str], own: Channel) -> None:
        tracer.adopt()
        run(chosen[0], own)

    if threading.active_count() > 1:
        return Rest(tests, frozenset(tests))
    started = monotonic()
    forks = Round({}, 0.0, 0, unknown_s=limit_s or _TEST_S)
    late, bad = [], []
    for test in tests:
        if monotonic() - started > _ALONE_S:
            late.append(test)
            continue
        messages = forks.run(body, [test]).heard
        if any(_is_good(message) for message in messages):
            for message in messages:
                channel.send(**message)
        else:
            bad.append(test)
    # What does not pass alone may need another test before it.
    return Rest(tests if bad else late, frozenset((*late, *bad)))


class Rest(NamedTuple):
    """
    Tests that have to be run in one process, and those of them that are not known yet.
    """

    tests: list[str]
    unknown: frozenset[str]

    def channel(self, channel: Channel) -> Channel:
        """
        One that passes on nothing of what is known.
        """
        return _Part(channel, self.unknown)


class _Part(Channel):
    def __init__(self, channel: Channel, told: frozenset[str]) -> None:
        """
        Over a channel, which has the descriptor.
        """
        self._channel = channel
        self._told = told

    def send(self, kind: str, **fields: Any) -> None:
        if fields.get("id", "") in self._told:
            self._channel.send(kind, **fields)


def _is_good(message: dict[str, Any]) -> bool:
    return message["kind"] == "result" and message["outcome"] in ("passed", "skipped")
