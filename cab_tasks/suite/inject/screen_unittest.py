"""
unittest as the screen uses it: collected once and then run in forks, or run whole in a fork.
"""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Any

from .channel import Silence
from .unittest_runner import Result, chosen_tests, run_flat, run_main

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .screen_server import Suite
    from .screen_wire import Wire


def prepare(plan: dict[str, Any]) -> Any:
    """
    unittest, which is there.
    """
    return unittest


def collect(_: Any, plan: dict[str, Any], root: str, serve: Callable[[Suite], None]) -> int:
    """
    Collect, and serve what was collected until that returns.
    """

    def serve_suite(suite: Any) -> unittest.TestResult:
        serve(_Collected(chosen_tests(suite, plan, Silence()), plan, root))
        return unittest.TestResult()

    return run_main(plan, serve_suite)


def run_whole(_: Any, plan: dict[str, Any], root: str, wire: Wire) -> int:
    """
    All of unittest in this process, telling the wire.
    """

    def run_suite(suite: Any) -> unittest.TestResult:
        tests = chosen_tests(suite, plan, wire)
        ids = [test.id() for test in tests]
        wire.send("collected", ids=ids)
        kept = set(wire.narrowed(ids))
        wanted = [test for test in tests if test.id() in kept]
        return run_flat(wanted, _Screened(plan, root, wire, wanted))

    return run_main(plan, run_suite)


class _Screened(Result):
    def __init__(self, plan: dict[str, Any], root: str, wire: Wire, tests: list[Any]) -> None:
        super().__init__(plan, root, wire, None, tests)
        self._clock = wire.guard
        self._is_described = wire.is_described
        self._wire = wire

    def stopTest(self, test: Any) -> None:  # noqa: N802 - unittest's name
        super().stopTest(test)
        if self._wire.is_done:
            self.stop()


class _Collected:
    """
    A suite that stands before its first test.
    """

    def __init__(self, tests: list[Any], plan: dict[str, Any], root: str) -> None:
        self._tests = {test.id(): test for test in tests}
        self._plan = plan
        self._root = root
        self.ids = list(self._tests)

    def run(self, tests: Sequence[str], wire: Wire) -> None:
        chosen = [self._tests[test] for test in tests]
        run_flat(chosen, _Screened(self._plan, self._root, wire, chosen))
