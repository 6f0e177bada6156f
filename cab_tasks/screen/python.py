"""
Python: a process that has imported and collected forks for each mutant; see `suite/inject`.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cab_tasks.errors import SandboxError, SeedEnvironmentError, UsageError
from cab_tasks.model import Lane, RunEnd, Screened
from cab_tasks.ranges import to_ranges
from cab_tasks.sandbox import Ended, SessionOver, open_session
from cab_tasks.screen.trust import check_trust
from cab_tasks.suite.pytest import pytest_arguments
from cab_tasks.suite.python import python_command, python_plan
from cab_tasks.suite.report import result_of
from cab_tasks.suite.request import Request
from cab_tasks.suite.unittest import unittest_arguments
from cab_tasks.suite.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cab_tasks.model import Mutant
    from cab_tasks.sandbox import Session
    from cab_tasks.screen.contract import Setting

_FRAMEWORKS = {"pytest": pytest_arguments, "unittest": unittest_arguments}
_SESSION_S = 30 * 24 * 3600.0
_READY_S = 600.0  # to import and collect: the baseline did it three times already
_MEMORY_SHARE = 0.5  # of the session's memory, for one fork
_OVER = {Ended.MEMORY: RunEnd.LIMIT, Ended.OUTPUT: RunEnd.LIMIT, Ended.DISK: RunEnd.LIMIT}


@dataclass(frozen=True, slots=True)
class PreparedPython:
    """
    Nothing is shared between workers: each has processes of its own.
    """

    setting: Setting
    unseen: frozenset[str] = frozenset()

    def open(self, worker: int) -> PythonScreen:
        return PythonScreen(self.setting)

    def close(self) -> None:
        """
        Nothing to forget.
        """


def prepare_python(setting: Setting) -> PreparedPython:
    """
    Raises:
        UsageError: no framework of ours.
    """
    if setting.spec.framework not in _FRAMEWORKS:
        raise UsageError(f"{setting.spec.framework}: no test framework of ours")
    return PreparedPython(setting)


class _Silent(Exception):  # noqa: N818 - an end, as SessionOver is one
    """
    No answer in time.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__(timeout_s)
        self.timeout_s = timeout_s


class PythonScreen:
    """
    One session: opened and tried out at once, and again after a mutant that ended it.
    """

    def __init__(self, setting: Setting) -> None:
        """
        Raises:
            SeedEnvironmentError: what it says of this seed is not to be trusted.
        """
        self._setting = setting
        self._stack = contextlib.ExitStack()
        self._session: Session | None = None
        self._is_whole = True  # what the tests have changed on disk was put back
        self._wording = Wording()
        try:
            self._open()
            check_trust(setting, self._ask)
            if not self._is_whole:
                self.close()  # the first mutant finds a fresh tree
        except (SessionOver, _Silent) as over:
            self.close()
            raise SeedEnvironmentError(f"the fast engine does not get through: {over}") from over
        except BaseException:
            self.close()
            raise

    def screen(
        self,
        mutant: Mutant,
        *,
        only: tuple[str, ...] = (),
        first_flip: bool = False,
        describe: bool = False,
    ) -> Screened:
        """
        What the tests that reach a mutant say, or `only` those.

        Raises:
            SandboxError: the engine broke; says nothing about the mutant.
        """
        request = {
            "kind": "screen",
            "path": mutant.path,
            "edits": [
                (edit.start, edit.old.decode("latin-1"), edit.new.decode("latin-1"))
                for edit in mutant.edits
            ],
            "only": only,
            "first_flip": first_flip,
            "describe": describe,
        }
        started = time.monotonic()
        if self._session is None:
            self._open()
        try:
            answer = self._ask(request)
        except _Silent as silent:
            self.close()
            detail = f"over {silent.timeout_s:g} s"
            duration_s = time.monotonic() - started
            return Screened(RunEnd.TIMEOUT, Lane.FAST, detail=detail, duration_s=duration_s)
        except SessionOver as over:
            self.close()
            if over.finished.ended not in _OVER:
                raise SandboxError(f"{mutant.path}: {over}") from over
            end, detail = _OVER[over.finished.ended], f"ended by {over.finished.ended.value}"
            return Screened(end, Lane.FAST, detail=detail, duration_s=time.monotonic() - started)
        if not self._is_whole:
            self.close()  # the next one finds a fresh tree
        return self._screened(answer, time.monotonic() - started)

    def close(self) -> None:
        self._session = None
        self._is_whole = True
        self._stack.close()

    def _screened(self, answer: dict[str, Any], duration_s: float) -> Screened:
        end = RunEnd(answer.get("end", "completed"))
        vanish = end is RunEnd.COMPLETED and bool(answer.get("absent"))
        if vanish or answer["lane"] == "plain":
            why = "tests vanish" if vanish else "its modules were there at the start"
            return Screened(RunEnd.ERROR, Lane.SLOW, detail=why, duration_s=duration_s)
        return Screened(
            end=end,
            lane=Lane(answer["lane"]),
            results=tuple(result_of(told, self._wording) for told in answer.get("results", ())),
            ran=answer.get("ran", 0),
            detail=self._wording.message(answer.get("detail") or answer["why"]),
            duration_s=duration_s,
            hung_s=answer.get("hung_s", 0.0),
        )

    def _open(self) -> None:
        setting = self._setting
        request = Request(
            setting.spec, setting.environment, setting.tree, setting.limits,
            bytecode=setting.bytecode,
        )  # fmt: skip
        arguments, adds_tree = _FRAMEWORKS[setting.spec.framework](request)
        plan = python_plan(request, arguments, None, adds_tree=adds_tree)
        plan["screen"] = _told(setting)
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="cab-plan-")))
        (folder / "plan.json").write_text(json.dumps(plan), encoding="ascii")
        command = python_command(request, folder, requests=True)
        limits = replace(setting.limits, timeout_s=_SESSION_S)
        try:
            session = open_session(command, limits, policy=setting.policy)
            self._session = self._stack.enter_context(session)
            self._begin()
        except (SessionOver, _Silent) as over:
            words = self._session.stderr_tail().decode("utf-8", "replace") if self._session else ""
            self.close()
            raise SeedEnvironmentError(f"the fast engine cannot start: {over}; {words}") from over

    def _begin(self) -> None:
        begin = self._hear(_READY_S)
        self._wording = Wording(begin["root"], tuple(begin["prefixes"]))
        ready = self._hear(_READY_S)
        if ready["missing"]:
            raise SeedEnvironmentError(
                f"{len(ready['missing'])} green tests are not collected by the fast engine, "
                f"first {ready['missing'][0]}"
            )

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._session is not None
        self._session.send(json.dumps(request).encode("ascii") + b"\n")
        answer = self._hear(self._setting.limits.timeout_s)
        self._is_whole = self._is_whole and answer.get("is_whole", True)
        return answer

    def _hear(self, timeout_s: float) -> dict[str, Any]:
        assert self._session is not None
        line = self._session.receive(timeout_s)
        if line is None:
            raise _Silent(timeout_s)
        told: dict[str, Any] = json.loads(line)
        return told


def _told(setting: Setting) -> dict[str, object]:
    """
    What the injected files are told of the baseline: tests by number, lines by their set of tests.
    """
    number = {test: at for at, test in enumerate(setting.green)}
    sets: dict[tuple[int, ...], int] = {}
    lines: dict[str, list[tuple[int, int]]] = {}
    found = {at: _numbers(tests, number) for at, tests in setting.reach.distinct().items()}
    for (path, line), tests in setting.reach.tests.items():
        own = found[id(tests)]
        lines.setdefault(path, []).append((line, sets.setdefault(own, len(sets))))
    return {
        "tests": setting.green,
        "durations_s": [setting.durations_s.get(test, 0.0) for test in setting.green],
        "sets": [to_ranges(found) for found in sets],
        "lines": lines,
        "imported": {path: sorted(found) for path, found in setting.reach.imported.items()},
        "spawning": _numbers(setting.reach.spawning, number),
        "memory_bytes": int(setting.limits.memory_bytes * _MEMORY_SHARE),
    }


def _numbers(tests: Iterable[str], number: dict[str, int]) -> tuple[int, ...]:
    return tuple(number[test] for test in tests if test in number)
