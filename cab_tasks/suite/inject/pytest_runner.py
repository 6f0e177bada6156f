"""
pytest, with a plugin that tells each test's outcome.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import TYPE_CHECKING, Any

from .alone import trace_alone
from .bytecode import store_of
from .channel import Silence
from .clock import Clock
from .failures import TEXT_MAX, describe
from .order import shuffled
from .warm import warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .channel import Channel

# ruff: noqa: PTH113, PTH118, PTH119
# pathlib may be what the seed tests or replaces.

# They tell a person how the run goes; nobody looks at that of a fork.
_TELLERS = ("terminalreporter", "lfplugin", "nfplugin", "stepwiseplugin", "junitxml", "logxml")
_TELLING = (
    "pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish",
    "pytest_warning_recorded",
)  # fmt: skip
_NEW_PATHS = 7  # pytest's version
_KEPT_FILES = ("conftest.py", "__init__.py")  # read for what they set up, not for tests
# The worse of two outcomes of one test counts.
_RANK = {"passed": 0, "skipped": 1, "error": 2, "failed": 3, "timeout": 4}


def run(plan: dict[str, Any], root: str, channel: Channel, tracer: Any) -> int:
    """
    pytest's own exit code.
    """
    pytest = import_pytest(plan)
    reporter = plugin_class(pytest, Reporter)
    if tracer is not None:
        silence = Silence()
        warm_up(lambda own: run_pytest(pytest, own, reporter(own, "", silence, None)), plan)
        # Makes test files ready; that takes most of the time of importing them.
        tracer.leave_out(importlib.import_module("_pytest.assertion.rewrite"), "_rewrite_test")
        tracer.start()
    return run_pytest(pytest, plan, reporter(plan, root, channel, tracer))


def run_pytest(pytest: Any, plan: dict[str, Any], plugin: Any) -> int:
    """
    pytest's own exit code.
    """
    try:
        return int(pytest.main(plan["arguments"], plugins=[plugin]))
    except SystemExit:
        return 3


def import_pytest(plan: dict[str, Any]) -> Any:
    """
    The environment's pytest, not a file of that name in the tree; and then the tree's path.
    """
    pytest = None
    if importlib.util.find_spec("pytest") and importlib.util.find_spec("pluggy"):
        pytest = importlib.import_module("pytest")
    sys.path[:0] = plan["path"]
    pytest = pytest or importlib.import_module("pytest")
    store = store_of(plan)
    if store is not None:
        store.serve_pytest(pytest.__version__)
    return pytest


def plugin_class(pytest: Any, reporter: Any) -> Any:
    """
    A reporter as a plugin; made late, since its marks are pytest's.
    """
    wrapper = pytest.hookimpl(hookwrapper=True, tryfirst=True)
    last = pytest.hookimpl(trylast=True)

    class Plugin(reporter):  # type: ignore[misc]
        pytest_configure = last(reporter.configure)
        pytest_collection_modifyitems = last(reporter.choose)
        pytest_ignore_collect = ignoring(pytest, reporter)
        pytest_collectreport = reporter.collect_report
        # Not at the end of the collection: that comes too when an exit has ended it early.
        pytest_runtestloop = pytest.hookimpl(tryfirst=True)(reporter.collected)
        pytest_runtest_protocol = wrapper(reporter.protocol)
        pytest_runtest_setup = wrapper(reporter.phase)
        pytest_runtest_call = wrapper(reporter.call_phase)
        pytest_runtest_teardown = wrapper(reporter.teardown_phase)
        pytest_runtest_makereport = pytest.hookimpl(hookwrapper=True)(reporter.make_report)
        pytest_runtest_logreport = reporter.log_report

    return Plugin


def ignoring(pytest: Any, reporter: Any) -> Any:
    """
    The hook as this pytest calls it: version 7 named its argument anew.
    """

    def of_old(self: Any, path: Any) -> bool | None:
        ignored: bool | None = reporter.ignore(self, str(path))
        return ignored

    def of_new(self: Any, collection_path: Any) -> bool | None:
        ignored: bool | None = reporter.ignore(self, str(collection_path))
        return ignored

    is_old = int(pytest.__version__.partition(".")[0]) < _NEW_PATHS
    return pytest.hookimpl(tryfirst=True)(of_old if is_old else of_new)


class Reporter:
    """
    Tells each test's outcome on a channel, with its limits kept.
    """

    def __init__(self, plan: dict[str, Any], root: str, channel: Channel, tracer: Any) -> None:
        self._plan = plan
        self._root = root
        self._channel = channel
        self._tracer = tracer
        self._clock = Clock(plan["test_timeout_s"])
        self._outcome = ""
        self._duration_s = 0.0
        self._failure: dict[str, Any] | None = None
        self._files = _files_of(plan, root)

    def configure(self, config: Any) -> None:
        """
        Hypothesis without dice, memory and deadlines; its settings are read as tests are imported.
        """
        is_there = "hypothesis" in sys.modules or importlib.util.find_spec("hypothesis")
        if not self._plan["has_hypothesis"] or not is_there:
            return
        settings = importlib.import_module("hypothesis").settings
        fixed = settings(settings(), derandomize=True, database=None, deadline=None)
        settings.register_profile("cab", fixed)
        settings.load_profile("cab")

    def ignore(self, path: str) -> bool | None:
        """
        A file that holds none of the chosen tests need not be read.
        """
        if not self._files or path in self._files or not os.path.isfile(path):
            return None
        return None if os.path.basename(path) in _KEPT_FILES else True

    def choose(self, config: Any, items: list[Any]) -> None:
        select = self._plan["select"]
        if select is not None:
            wanted = set(select)
            dropped = [item for item in items if item.nodeid not in wanted]
            items[:] = [item for item in items if item.nodeid in wanted]
            config.hook.pytest_deselected(items=dropped)
        if self._plan["shuffle"] is not None:
            keys = (lambda item: item.nodeid.partition("::")[0], _class_of)
            items[:] = shuffled(items, self._plan["shuffle"], *keys)

    def collect_report(self, report: Any) -> None:
        if report.failed:
            text = str(report.longrepr)[-TEXT_MAX:]
            self._channel.send("collection_error", id=report.nodeid, text=text)

    def collected(self, session: Any) -> Any:
        self._channel.send("collected", ids=[item.nodeid for item in session.items])
        self._tell_lines("")
        if self._tracer is not None:
            self._trace_alone(session)
        return None

    def _trace_alone(self, session: Any) -> None:
        """
        The session keeps the items that cannot be traced alone.
        """
        items = {item.nodeid: item for item in session.items}
        quieten(session.config)

        def run(test: str, channel: Channel) -> None:
            self._channel = channel
            session.config.hook.pytest_runtest_protocol(item=items[test], nextitem=None)

        limit_s = self._plan["test_timeout_s"]
        left = set(trace_alone(items, run, self._tracer, self._channel, limit_s))
        session.items[:] = [item for item in session.items if item.nodeid in left]

    def protocol(self, item: Any) -> Iterator[None]:
        self._channel.send("start", id=item.nodeid)
        self._outcome, self._duration_s, self._failure = "", 0.0, None
        with self._clock.test():
            yield
        if self._clock.expired:
            self._outcome = "timeout"
        self._tell_lines(item.nodeid)
        if self._outcome:
            self._tell_result(item.nodeid)

    def phase(self) -> Iterator[None]:
        with self._clock.phase():
            yield

    call_phase = phase
    teardown_phase = phase

    def make_report(self, item: Any, call: Any) -> Iterator[None]:
        made: Any = yield
        report = made.get_result()
        if not report.failed or self._failure is not None:
            return
        if call.excinfo is None:  # a strict expected failure that passed
            self._failure = {"kind": "Failed", "message": str(report.longrepr)[:TEXT_MAX]}
            return
        home = item.nodeid.partition("::")[0]
        globs = self._plan["test_globs"]
        self._failure = describe(call.excinfo.value, self._root, globs, home)

    def log_report(self, report: Any) -> None:
        outcome = report.outcome
        is_part = hasattr(report, "context")  # a subtest; it can make its test worse, not better
        if outcome == "rerun" or (is_part and outcome != "failed"):
            return
        if outcome == "failed" and report.when != "call":
            outcome = "error"
        if _RANK.get(outcome, 3) >= _RANK.get(self._outcome, -1):
            self._outcome = outcome
        self._duration_s += 0.0 if is_part else report.duration

    def _tell_result(self, test: str) -> None:
        is_bad = self._outcome not in ("passed", "skipped")
        self._channel.send(
            "result",
            id=test,
            outcome=self._outcome,
            duration_s=round(self._duration_s, 6),
            failure=self._failure if is_bad else None,
        )

    def _tell_lines(self, test: str) -> None:
        if self._tracer is not None:
            files, spawns = self._tracer.take(), self._tracer.spawns()
            self._channel.send("lines", id=test, files=files, spawns=spawns)


def quieten(config: Any) -> None:
    """
    No teller hears of tests any more; the tellers stay, since others ask for them.
    """
    tellers = [config.pluginmanager.get_plugin(name) for name in _TELLERS]
    for caller in [getattr(config.hook, hook, None) for hook in _TELLING]:
        if caller is None:
            continue
        for implementation in list(caller.get_hookimpls()):
            if any(implementation.plugin is teller for teller in tellers if teller is not None):
                caller._remove_plugin(implementation.plugin)


def _files_of(plan: dict[str, Any], root: str) -> frozenset[str]:
    """
    Where the chosen tests are: nothing else is to be read. Empty where one cannot be found.
    """
    files = {os.path.join(root, test.partition("::")[0]) for test in plan["files_of"]}
    return frozenset(files) if all(map(os.path.isfile, files)) else frozenset()


def _class_of(item: Any) -> Any:
    """
    The class that a test is in; a function without one is alone.
    """
    return getattr(item, "cls", None) or item.nodeid.partition("[")[0]
