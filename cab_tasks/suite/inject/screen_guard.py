"""
The limits of each test while mutants are screened: processor time, and time on the wall.
"""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

from .clock import Clock, Now, TestTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

TICK_S = 0.1
TIMES = 20  # a limit is this many times what the test takes without a bug
CPU_FLOOR_S = 0.5  # what is made at a first call (a cache, an import) can cost this much
HUNG_FLOOR_S, HUNG_TIMES = 0.2, 5  # once a test has hung: by then, all of that has been made
WALL_FLOOR_S = 1.0  # tests that wait for others vary more than tests that compute
HUNG_WALL_FLOOR_S = 0.5


def cpu_limit_s(duration_s: float, *, has_hung: bool = False) -> float:
    """
    What a test may use of the processor, from what it takes without a bug; less once one has hung.
    """
    floor_s, times = (HUNG_FLOOR_S, HUNG_TIMES) if has_hung else (CPU_FLOOR_S, TIMES)
    return max(floor_s, times * duration_s)


def wall_limit_s(duration_s: float, *, has_hung: bool = False) -> float:
    """
    What a test may take on the wall; less once one has hung.
    """
    return max(HUNG_WALL_FLOOR_S if has_hung else WALL_FLOOR_S, TIMES * duration_s)


class Guard(Clock):
    """
    Stands in for `Clock`: one timer for the whole process, which looks at the running test.

    A process that waits for a processor is not charged for it, where the system tells that time.
    """

    def __init__(self) -> None:
        super().__init__(0.0)
        self._cpu_s = self._wall_s = 0.0
        self._cpu_start = self._wall_start = self._waited = 0.0
        self._is_on = False
        self._has_hung = False

    def arm(self) -> None:
        """
        Start ticking, in the process that calls.
        """
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, TICK_S, TICK_S)

    def allow(self, duration_s: float) -> None:
        """
        The limits of the next test, from its time without a bug.
        """
        self._cpu_s = cpu_limit_s(duration_s, has_hung=self._has_hung)
        self._wall_s = wall_limit_s(duration_s, has_hung=self._has_hung)

    @contextlib.contextmanager
    def test(self) -> Iterator[None]:
        """
        One test with all of its phases.
        """
        self.expired = False
        if signal.getsignal(signal.SIGALRM) != self._ring:
            self.arm()  # the test before had a timer of its own
        self._cpu_start, self._wall_start = Now.process_time(), Now.monotonic()
        self._waited = -1.0  # not known before the first tick
        self._is_on = True
        try:
            yield
        finally:
            self._is_on = False

    def _ring(self, *_: object) -> None:
        if not self._is_on:
            return
        if self._is_over():
            self.expired = self._has_hung = True
        if self.expired and self._is_inside:
            raise TestTimeout("over its time limit")

    def _is_over(self) -> bool:
        if Now.process_time() - self._cpu_start > self._cpu_s:
            return True
        if self._waited < 0:
            self._waited = _waited_s()
        passed = Now.monotonic() - self._wall_start
        return passed > self._wall_s and passed - (_waited_s() - self._waited) > self._wall_s


def _waited_s() -> float:
    """
    How long this process was ready and had no processor; 0 where the system does not tell.
    """
    try:
        with open("/proc/self/schedstat", encoding="ascii") as handle:  # noqa: PTH123 - see __init__
            return int(handle.read().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
