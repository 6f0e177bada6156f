"""
A traced run in which each test has a fork of its own, so that it reaches what it needs by itself.

In one process, only the first test that uses a fixture, a cache or a late import reaches what is
behind it; a bug there breaks the others just as well.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Any

from .screen_round import Round

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .channel import Channel
    from .reach import Tracer

_ALONE_S = 120.0  # for all tests; fixtures for a whole session may be too dear for one test
_TEST_S = 60.0  # what one test may take, if the plan has no limit: it gets a multiple of it


def trace_alone(
    tests: Iterable[str],
    run: Callable[[str, Channel], None],
    tracer: Tracer,
    channel: Channel,
    limit_s: float,
) -> list[str]:
    """
    Run each test in a fork and tell of it; the tests that are left, for they do not pass alone.
    """

    def body(chosen: Sequence[str], own: Channel) -> None:
        tracer.adopt()
        run(chosen[0], own)

    if threading.active_count() > 1:
        return list(tests)
    started = monotonic()
    forks = Round({}, 0.0, 0, unknown_s=limit_s or _TEST_S)
    left = []
    for test in tests:
        is_late = monotonic() - started > _ALONE_S
        messages = [] if is_late else forks.run(body, [test]).heard
        if any(_is_good(message) for message in messages):
            for message in messages:
                channel.send(**message)
        else:
            left.append(test)
    return left


def _is_good(message: dict[str, Any]) -> bool:
    return message["kind"] == "result" and message["outcome"] in ("passed", "skipped")
