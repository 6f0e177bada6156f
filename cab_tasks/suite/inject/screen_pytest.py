"""
pytest as the screen uses it: collected once and then run in forks, or run whole in a fork.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING, Any

from .channel import Silence
from .pytest_runner import Reporter, import_pytest, plugin_class, quieten, run_pytest
from .warm import warm_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .screen_server import Suite
    from .screen_whole import Run
    from .screen_wire import Wire


def prepare(plan: dict[str, Any]) -> Any:
    """
    pytest with its own plugins, and nothing of the tree.
    """
    pytest = import_pytest(plan)
    for name in importlib.import_module("_pytest.config").default_plugins:
        importlib.import_module(f"_pytest.{name}")

    def run(own: dict[str, Any]) -> int:
        return run_pytest(pytest, own, plugin_class(pytest, _Screener)(own, "", None, None))

    warm_up(run, plan)
    return pytest


def collect(pytest: Any, plan: dict[str, Any], root: str, serve: Callable[[Suite], None]) -> int:
    """
    Collect, and serve what was collected until that returns; pytest's exit code.
    """
    return run_pytest(pytest, plan, plugin_class(pytest, _Screener)(plan, root, None, serve))


def configure(pytest: Any, plan: dict[str, Any], root: str, serve: Callable[[Run], None]) -> int:
    """
    Read all configuration, and serve what stands before it collects until that returns.
    """
    plugin = plugin_class(pytest, _Configured)
    plugin.pytest_collection = pytest.hookimpl(tryfirst=True)(_Configured.stand)
    return run_pytest(pytest, plan, plugin(plan, root, serve))


def run_whole(pytest: Any, plan: dict[str, Any], root: str, wire: Wire) -> int:
    """
    All of pytest in this process, telling the wire; pytest's exit code.
    """
    return run_pytest(pytest, plan, plugin_class(pytest, _Screener)(plan, root, wire, None))


class _Screener(Reporter):
    def __init__(
        self,
        plan: dict[str, Any],
        root: str,
        wire: Wire | None,
        serve: Callable[[Suite], None] | None,
    ) -> None:
        super().__init__(plan, root, Silence() if wire is None else wire, None)
        self._is_described = False
        self._wire: Wire | None = None  # of a whole run
        self._narrowed: Callable[[list[str]], list[str]] = list
        self._serve = serve
        if wire is not None:
            self.run_whole(wire)

    def run_whole(self, wire: Wire) -> None:
        """
        Collect and run in this very process, for this wire.
        """
        self.use(wire)
        self._narrowed = wire.narrowed
        self._wire = wire

    def use(self, wire: Wire) -> None:
        """
        Tell all to a fork's wire, and keep its limits.
        """
        self._channel = wire
        self._clock = wire.guard
        self._is_described = wire.is_described

    def collected(self, session: Any) -> Any:
        quieten(session.config)
        if self._serve is None:
            super().collected(session)
            kept = set(self._narrowed([item.nodeid for item in session.items]))
            session.items[:] = [item for item in session.items if item.nodeid in kept]
            return None
        self._serve(_Collected(session, self))
        return True  # the loop has been

    def collect_report(self, report: Any) -> None:
        super().collect_report(report)
        if report.failed and self._wire is not None:
            self._wire.give_up()

    def protocol(self, item: Any) -> Iterator[None]:
        item.repr_failure = item._repr_failure_py = _no_text
        yield from super().protocol(item)
        if self._wire is not None and self._wire.is_done:
            item.session.shouldstop = "one flip is all that is asked for"

    def make_report(self, item: Any, call: Any) -> Iterator[None]:
        if self._is_described:
            yield from super().make_report(item, call)
        else:
            yield


class _Configured(_Screener):
    """
    pytest that stands before it collects; whole runs go on from there, each in a fork.
    """

    def __init__(self, plan: dict[str, Any], root: str, serve: Callable[[Run], None]) -> None:
        super().__init__(plan, root, None, None)
        self._stand: Callable[[Run], None] | None = serve

    def stand(self, session: Any) -> None:
        if self._stand is None:
            return  # a fork that collects

        def run(tests: Sequence[str], wire: Wire) -> object:
            self._stand = None
            self._plan = {**self._plan, "select": list(tests)}
            self.run_whole(wire)
            hook = session.config.hook
            try:
                hook.pytest_collection(session=session)
                hook.pytest_runtestloop(session=session)
            except BaseException as error:  # noqa: BLE001 - told as the end of this run
                return repr(error)
            hook.pytest_sessionfinish(session=session, exitstatus=session.testsfailed and 1)
            return 0

        self._stand(run)


class _Collected:
    """
    A session that stands before its first test.
    """

    def __init__(self, session: Any, screener: _Screener) -> None:
        self._session = session
        self._screener = screener
        self._items = {item.nodeid: item for item in session.items}
        self.ids = list(self._items)
        for item in session.items:
            with contextlib.suppress(Exception):  # it is raised again where it is asked for
                _ = item.location  # kept by the item: the same in each fork

    def run(self, tests: Sequence[str], wire: Wire) -> None:
        self._screener.use(wire)
        items = [self._items[test] for test in tests]
        protocol = self._session.config.hook.pytest_runtest_protocol
        for item, after in zip(items, [*items[1:], None]):  # noqa: B905 - Python 3.8 has no strict
            protocol(item=item, nextitem=after)
            if wire.is_done:
                return


def _no_text(*_: object, **__: object) -> str:
    return "failed"
