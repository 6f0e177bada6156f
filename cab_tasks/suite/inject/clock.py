"""
The time limit of each test, kept from inside so that the suite goes on.
"""

from __future__ import annotations

import contextlib
import faulthandler
import signal
import time
from typing import TYPE_CHECKING

from .channel import FD

if TYPE_CHECKING:
    from collections.abc import Iterator

_AGAIN_S = 0.5  # code that swallows the first ring gets the next
_GUARD_S = 5.0  # for a loop in C, which no signal stops


class Now:
    """
    Clocks that go on: freezegun and its like replace these functions in every module that has them.
    """

    monotonic = staticmethod(time.monotonic)
    process_time = staticmethod(time.process_time)


class TestTimeout(BaseException):
    """
    Rings inside the test; no Exception, so that `except Exception` does not stop it.
    """

    __test__ = False


class Clock:
    """
    `expired` tells whether the running test went over its limit.

    A test that cannot be stopped takes the process along; faulthandler then writes its own words,
    `Timeout (…)`, into the channel.
    """

    def __init__(self, limit_s: float) -> None:
        """
        No limit at all if `limit_s` is 0.
        """
        self.expired = False
        self._limit_s = limit_s
        self._is_inside = False

    @contextlib.contextmanager
    def test(self) -> Iterator[None]:
        """
        One test with all of its phases.
        """
        self.expired = False
        if not self._limit_s:
            yield
            return
        before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._limit_s, _AGAIN_S)
        faulthandler.dump_traceback_later(2 * self._limit_s + _GUARD_S, exit=True, file=FD)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    @contextlib.contextmanager
    def phase(self) -> Iterator[None]:
        """
        A part of the test that may be interrupted; what follows an interrupted one may not.
        """
        self._is_inside = not self.expired
        try:
            yield
        finally:
            self._is_inside = False

    def _ring(self, *_: object) -> None:
        self.expired = True
        if self._is_inside:
            raise TestTimeout(f"over its time limit of {self._limit_s:g} s")
