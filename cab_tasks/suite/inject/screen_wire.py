"""
What a fork says of its tests, and what it lets them use.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from .channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable

    from .screen_disk import Watch
    from .screen_fuel import Fuel
    from .screen_guard import Guard
    from .screen_map import TestMap


NOTHING_ASKED = {"describe": False, "first_flip": False}  # every test, and no words on why it fails


class Wire(Channel):
    """
    Stands in for `Channel`, between a framework and the fork's own channel.

    As a test starts, it is given its limits; with its result, its fuel is told.
    """

    def __init__(
        self,
        channel: Channel,
        guard: Guard,
        fuel: Fuel | None,
        tests: TestMap,
        request: dict[str, Any],
    ) -> None:
        self.guard = guard
        self.is_described: bool = request["describe"]
        self.has_collected = False
        self.narrow: Callable[[list[str]], set[str] | None] | None = None
        self.is_done = False  # one flip was all that is asked for
        self._first_flip: bool = request["first_flip"]
        self._channel = channel
        self._fuel = fuel
        self._durations_s = tests.durations_s

    def send(self, kind: str, **fields: Any) -> None:
        if kind == "start":
            self.guard.allow(self._durations_s.get(fields["id"], 0.0))
            if self._fuel is not None:
                self._fuel.begin(fields["id"])
        elif kind == "collected":
            self.has_collected = True
            sys.pycache_prefix = None
        elif kind == "result":
            if fields["outcome"] != "passed":
                self.is_done = self._first_flip
            if self._fuel is not None:
                fields.update(ticks=self._fuel.used(), is_dry=self._fuel.is_over)
        self._channel.send(kind, **fields)

    def narrowed(self, tests: list[str]) -> list[str]:
        """
        Those of the collected tests that are to be run after all.
        """
        wanted = self.narrow(tests) if self.narrow is not None else None
        if wanted is None:
            return tests
        kept = [test for test in tests if test in wanted]
        self._channel.send("narrowed", ids=kept)
        return kept

    def give_up(self) -> None:
        """
        End this fork: it has told all that matters, and what it changed is taken for everything.
        """
        self._channel.send("end", code=0)
        os._exit(0)

    def note(self, watch: Watch) -> None:
        """
        Tell what was changed on disk; last of all.
        """
        self._channel.send(
            "notes",
            has_changed_tree=watch.has_changed_tree,
            has_changed_others=watch.has_changed_others,
        )


def answer_all(
    answer: Callable[[dict[str, Any]], dict[str, Any]],
    requests: Any,
    replies: Any,
    told: dict[str, Any],
) -> None:
    """
    Tell that all is ready, then answer a request a line until there are no more.
    """
    _say(replies, told)
    for line in requests:
        _say(replies, answer(json.loads(line)))


def _say(replies: Any, message: dict[str, Any]) -> None:
    replies.write(json.dumps(message).encode("ascii") + b"\n")
    replies.flush()
