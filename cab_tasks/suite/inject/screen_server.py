"""
The process that has imported and collected, and forks for each mutant.
"""

from __future__ import annotations

import ast
import gc
import os
import threading
from typing import TYPE_CHECKING, Any, Protocol

from .screen_change import Source
from .screen_disk import Disk
from .screen_fuel import BUDGET, TIMES, Fuel
from .screen_guard import Guard
from .screen_swap import Live, Unswappable, swap_of
from .screen_wire import NOTHING_ASKED, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .channel import Channel
    from .screen_change import Edits, Unit
    from .screen_disk import Watch
    from .screen_map import TestMap
    from .screen_round import Found, Round
    from .screen_swap import Swap

# ruff: noqa: PTH118, PTH123
# pathlib may be what the seed tests or replaces.


class Suite(Protocol):
    """
    A framework that has collected.
    """

    ids: list[str]  # in the order in which they run

    def run(self, tests: Sequence[str], wire: Wire) -> None:
        """Run some of the tests, in this process."""


class Server:
    """
    Answers requests, one after the other; each is a mutant, and what is asked about it.
    """

    def __init__(
        self, root: str, suite: Suite, tests: TestMap, watch: Watch, round_: Round
    ) -> None:
        self._root = root
        self._suite = suite
        self._tests = tests
        self._watch = watch
        self._round = round_
        self._sources: dict[str, Source] = {}
        self._rounds_used: dict[tuple[Unit, str], int] = {}
        self._threads = [thread.name for thread in threading.enumerate()][1:]
        self._live = Live(root)
        self._disk = Disk(root)
        gc.collect()
        gc.disable()

    def missing(self) -> list[str]:
        """
        Green tests that were not collected.
        """
        return sorted(set(self._tests.tests) - set(self._suite.ids))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """
        What the forks found; or, where the lane is slow, which tests are to be run there.
        """
        if request["kind"] == "restore":
            return self._restore(request)
        path, edits = request["path"], _edits(request)
        filename = os.path.join(self._root, path)
        source = self._source(filename)
        if request["kind"] == "canary":
            edits = _canary(source, request["line"])
        lane, swap, tests, why = self._plan(path, source, edits)
        reaching = sorted(self._tests.reaching(path, swap.lines)) if swap is not None else []
        chosen = set(request["only"]) or tests
        order = [test for test in self._suite.ids if test in chosen]
        answer = {"lane": lane, "why": why, "tests": order}
        if not order:
            return answer
        if edits:
            self._disk.put(filename, source.edited(edits))
        if lane == "slow":
            # Enough to run if imports come out as they did, which a whole run can tell.
            return {**answer, "edited": path if edits else "", "reaching": reaching}
        found = self._try(source, edits, swap, order, request)
        restored = self._restore({"edited": path if edits else "", **found.changed})
        return {**answer, **found.told(), **restored}

    def _source(self, filename: str) -> Source:
        if filename not in self._sources:
            with open(filename, "rb") as handle:
                self._sources[filename] = Source(handle.read(), filename)
        return self._sources[filename]

    def _plan(
        self, path: str, source: Source, edits: Edits
    ) -> tuple[str, Swap | None, set[str], str]:
        """
        Lane, swap, the tests that can notice, and why the lane is the slow one.
        """
        everything = set(self._tests.tests)
        if self._threads:
            return "slow", None, everything, f"threads run: {', '.join(self._threads)}"
        if not edits or not self._live.has(source.filename):
            return "fast", None, everything, ""  # those that import it find the edited file
        unit = source.unit_around(edits)
        if unit is None:
            return "slow", None, everything, "not in a function"
        becomes = source.mutated(unit, edits)
        if becomes is None:
            return "slow", None, everything, "not one function any more"
        try:
            swap = swap_of(source, unit, becomes, self._live)
        except (Unswappable, SyntaxError) as error:
            return "slow", None, everything, str(error)
        if self._tests.runs_at_import(path, swap.lines):
            return "slow", swap, everything, "runs at import"
        return "fast", swap, self._tests.reaching(path, swap.lines), ""

    def _try(
        self,
        source: Source,
        edits: Edits,
        swap: Swap | None,
        tests: list[str],
        request: dict[str, Any],
    ) -> Found:
        """
        The forks of one mutant; tests out of fuel are asked what the right function needs.
        """

        def mutated(budgets: dict[str, int]) -> Callable[[Sequence[str], Channel], None]:
            def body(left: Sequence[str], channel: Channel) -> None:
                guard = Guard()
                fuel = Fuel(guard, budgets)
                if swap is not None:
                    fuel.light()
                    swap.make(self._live, source.filename)
                self._run(left, Wire(channel, guard, fuel, self._tests, request))

            return body

        first_flip = request["first_flip"]
        found = self._round.run(mutated({}), tests, first_flip=first_flip)
        dry = [test for test, result in found.results.items() if result.get("is_dry")]
        unit = source.unit_around(edits) if dry else None
        if unit is None or swap is None:
            return found
        used = self._used(source, unit, swap, dry)
        budgets = {test: TIMES * used[test] for test in dry if TIMES * used[test] > BUDGET}
        if budgets:
            found.forget(budgets)
            again = [test for test in tests if test in budgets]
            found.add(self._round.run(mutated(budgets), again, first_flip=first_flip))
        return found

    def _used(self, source: Source, unit: Unit, swap: Swap, tests: list[str]) -> dict[str, int]:
        """
        Ticks of the right function in each test.
        """

        def body(left: Sequence[str], channel: Channel) -> None:
            guard = Guard()
            fuel = Fuel(guard, None)
            fuel.light()
            swap.make_pristine(self._live, source.filename)
            self._run(left, Wire(channel, guard, fuel, self._tests, NOTHING_ASKED))

        unknown = [test for test in tests if (unit, test) not in self._rounds_used]
        if unknown:
            found = self._round.run(body, unknown)
            for test, result in found.results.items():
                self._rounds_used[unit, test] = result.get("ticks", 0)
        return {test: self._rounds_used.get((unit, test), 0) for test in tests}

    def _run(self, tests: Sequence[str], wire: Wire) -> None:
        self._watch.begin()
        gc.enable()
        wire.guard.arm()
        self._suite.run(tests, wire)
        wire.note(self._watch)

    def _restore(self, told: dict[str, Any]) -> dict[str, Any]:
        edited = told["edited"] and os.path.join(self._root, told["edited"])
        is_whole = self._disk.restore(
            edited,
            has_changed_tree=told["has_changed_tree"],
            has_changed_others=told["has_changed_others"],
        )
        return {"is_whole": is_whole}


def _edits(request: dict[str, Any]) -> Edits:
    return [
        (start, old.encode("latin-1"), new.encode("latin-1"))
        for start, old, new in request.get("edits", ())
    ]


def _canary(source: Source, line: int) -> Edits:
    """
    A bug that no test which gets there can miss; no edit where there is no place for one.
    """
    unit = source.unit_at(line, line)
    has_text = unit is not None and ast.get_docstring(unit.node, clean=False) is not None
    body = [] if unit is None else unit.node.body[1 if has_text else 0 :]
    return source.raising_before(body[0]) if body else []
