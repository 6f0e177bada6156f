"""
Which tests can notice a change of some lines; made on the host from a traced run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class TestMap:
    """
    `tests` are all green ones. What `told` holds is the host's `screen` part of the plan.
    """

    __test__ = False

    def __init__(self, told: dict[str, Any]) -> None:
        self.tests: list[str] = told["tests"]
        self.durations_s = dict(zip(self.tests, told["durations_s"]))  # noqa: B905 - Python 3.8
        self._sets: list[list[list[int]]] = told["sets"]  # ranges: first, last
        self._lines = {path: dict(lines) for path, lines in told["lines"].items()}
        self._imported = {path: frozenset(lines) for path, lines in told["imported"].items()}
        self._spawning: list[int] = told["spawning"]

    def reaching(self, path: str, lines: Iterable[int]) -> set[str]:
        """
        Tests that execute one of the lines, and those that start programs which may.
        """
        known = self._lines.get(path, {})
        sets = {known[line] for line in lines if line in known}
        found = set(self._spawning)
        for number in sets:
            for first, last in self._sets[number]:
                found.update(range(first, last + 1))
        return {self.tests[test] for test in found}

    def runs_at_import(self, path: str, lines: Iterable[int]) -> bool:
        return not self._imported.get(path, frozenset()).isdisjoint(lines)
