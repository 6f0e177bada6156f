"""
unittest, with a runner and a result that tell each test's outcome.
"""

from __future__ import annotations

import re
import sys
import traceback
import unittest
from typing import TYPE_CHECKING, Any

from .alone import trace_alone
from .clock import Clock, Now
from .failures import TEXT_MAX, describe, relative
from .order import shuffled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .channel import Channel

_FIXTURE = re.compile(r"(setUpClass|setUpModule|tearDownClass|tearDownModule) \((.+)\)")
_RANK = {"": -1, "passed": 0, "skipped": 1, "error": 2, "failed": 3, "timeout": 4}


def run(plan: dict[str, Any], root: str, channel: Channel, tracer: Any) -> int:
    """
    What `python -m unittest` does with these arguments, but for the runner.
    """
    if tracer is not None:
        tracer.start()
    return run_main(plan, lambda suite: _run_suite(suite, plan, root, channel, tracer))


def run_main(plan: dict[str, Any], run_suite: Callable[[Any], unittest.TestResult]) -> int:
    """
    unittest's main program, whose runner hands over the suite; 2 for bad arguments.
    """
    sys.path[:0] = plan["path"]

    class Runner:
        def __init__(self, **_: Any) -> None:
            """
            Command-line options of the text runner do not matter here.
            """

        def run(self, suite: Any) -> unittest.TestResult:
            return run_suite(suite)

    arguments = ["python -m unittest", *plan["arguments"]]
    try:
        unittest.main(module=None, argv=arguments, testRunner=Runner, exit=False)
    except SystemExit as exit_:
        sys.stderr.write(f"{exit_.code}\n")
        return 2
    return 0


def _run_suite(
    suite: Any, plan: dict[str, Any], root: str, channel: Channel, tracer: Any
) -> unittest.TestResult:
    chosen = chosen_tests(suite, plan, channel)
    channel.send("collected", ids=[test.id() for test in chosen])
    result = Result(plan, root, channel, tracer, chosen)
    result.tell_lines("")
    if tracer is not None:
        chosen = _left_alone(chosen, plan, root, channel, tracer)
    return run_flat(chosen, result)


def _left_alone(
    tests: list[Any], plan: dict[str, Any], root: str, channel: Channel, tracer: Any
) -> list[Any]:
    """
    Trace each test alone; the tests for which that does not do.
    """
    by_id = {test.id(): test for test in tests}

    def run(test: str, own: Channel) -> None:
        run_flat([by_id[test]], Result(plan, root, own, tracer, [by_id[test]]))

    left = set(trace_alone(by_id, run, tracer, channel, plan["test_timeout_s"]))
    return [test for test in tests if test.id() in left]


def chosen_tests(suite: Any, plan: dict[str, Any], channel: Channel) -> list[Any]:
    """
    The tests that the plan wants, in its order; those that cannot be loaded are told.
    """
    tests = list(_flat(suite))
    broken = [test for test in tests if type(test).__name__ == "_FailedTest"]
    for test in broken:
        text = str(getattr(test, "_exception", ""))[-TEXT_MAX:]
        channel.send("collection_error", id=test.id(), text=text)
    chosen = [test for test in tests if test not in broken]
    if plan["select"] is not None:
        wanted = set(plan["select"])
        chosen = [test for test in chosen if test.id() in wanted]
    if plan["shuffle"] is not None:
        chosen = shuffled(chosen, plan["shuffle"], lambda test: type(test).__module__, type)
    return chosen


def run_flat(tests: list[Any], result: Result) -> Result:
    """
    Run tests as one flat suite: class and module fixtures follow from their order.
    """
    unittest.TestSuite(tests).run(result)
    return result


def _flat(suite: Any) -> Iterator[Any]:
    for part in suite:
        if isinstance(part, unittest.BaseTestSuite):
            yield from _flat(part)
        else:
            yield part


class Result(unittest.TestResult):
    """
    Tells each test's outcome on a channel, with its limits kept.
    """

    def __init__(
        self, plan: dict[str, Any], root: str, channel: Channel, tracer: Any, tests: list[Any]
    ) -> None:
        super().__init__()
        self._plan = plan
        self._root = root
        self._channel = channel
        self._tracer = tracer
        self._tests = tests
        self._clock: Clock = Clock(plan["test_timeout_s"])
        self._is_described = True
        self._outcome = ""
        self._failure: dict[str, Any] | None = None
        self._started = 0.0
        self._last = ""

    def startTest(self, test: Any) -> None:  # noqa: N802 - unittest's name
        super().startTest(test)
        self._channel.send("start", id=test.id())
        self._outcome, self._failure = "", None
        self._started = Now.monotonic()
        self._limit = self._clock.test()
        self._limit.__enter__()
        self._inside = self._clock.phase()
        self._inside.__enter__()

    def stopTest(self, test: Any) -> None:  # noqa: N802 - unittest's name
        duration_s = Now.monotonic() - self._started
        self._inside.__exit__(None, None, None)
        self._limit.__exit__(None, None, None)
        super().stopTest(test)
        self._last = test.id()
        self.tell_lines(self._last)
        outcome = "timeout" if self._clock.expired else self._outcome
        if outcome:
            self._tell(self._last, outcome, self._failure, duration_s)

    def addSuccess(self, test: Any) -> None:  # noqa: N802 - unittest's name
        self._note("passed")

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802 - unittest's name
        self._note("failed", test, err)

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802 - unittest's name
        if not isinstance(test, unittest.TestCase):
            self._fixture_ends(test, "error", describe(err[1], self._root, self._globs))
        else:
            self._note("failed" if _is_in_body(test, err[2]) else "error", test, err)

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802 - unittest's name
        if isinstance(test, unittest.TestCase):
            self._note("skipped")
        else:
            self._fixture_ends(test, "skipped", None)

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802 - unittest's name
        self._note("skipped")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802 - unittest's name
        self._note("failed")
        self._failure = {"kind": "Failed", "message": "unexpected success"}

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802 - unittest's name
        if err is not None:
            self._note("failed", test, err)

    def tell_lines(self, test: str) -> None:
        if self._tracer is not None:
            files, spawns = self._tracer.take(), self._tracer.spawns()
            self._channel.send("lines", id=test, files=files, spawns=spawns)

    @property
    def _globs(self) -> list[str]:
        globs: list[str] = self._plan["test_globs"]
        return globs

    def _note(self, outcome: str, test: Any = None, err: Any = None) -> None:
        if _RANK[outcome] >= _RANK[self._outcome]:
            self._outcome = outcome
        if err is not None and self._failure is None and self._is_described:
            module = sys.modules.get(type(test).__module__)
            home = relative(getattr(module, "__file__", None) or "", self._root)
            self._failure = describe(err[1], self._root, self._globs, home)

    def _fixture_ends(self, holder: Any, outcome: str, failure: dict[str, Any] | None) -> None:
        """
        A class's or module's fixture broke, or was skipped: what that means for its tests.
        """
        found = _FIXTURE.search(holder.id())
        if found is None:
            return
        if found[1].startswith("tearDown"):
            self._tell(self._last, outcome, failure, 0.0)
            return
        for test in self._tests:
            if found[2] in (type(test).__module__, _class_name(test)):
                self._tell(test.id(), outcome, failure, 0.0)

    def _tell(
        self, test: str, outcome: str, failure: dict[str, Any] | None, duration_s: float
    ) -> None:
        is_bad = outcome not in ("passed", "skipped")
        self._channel.send(
            "result",
            id=test,
            outcome=outcome,
            duration_s=round(duration_s, 6),
            failure=failure if is_bad else None,
        )


def _class_name(test: Any) -> str:
    """
    As unittest names classes in its fixtures' ids.
    """
    return f"{type(test).__module__}.{type(test).__qualname__}"


def _is_in_body(test: Any, trace: Any) -> bool:
    """
    Whether an exception came from the test's own method, not from its set-up or tear-down.
    """
    name = getattr(test, "_testMethodName", "")
    return any(frame.f_code.co_name == name for frame, _ in traceback.walk_tb(trace))
