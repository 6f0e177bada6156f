"""
A sandbox in which the driver stays, with the programs of one build.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cab_tasks.environment.tools import prefix_mounts
from cab_tasks.errors import SandboxError
from cab_tasks.sandbox import HOME, INJECT, TARGET, TREE, Command, Mount, open_session
from cab_tasks.screen.rust.doctests import DOCTESTS
from cab_tasks.suite.cargo_build import CARGO_HOME, TOOLS, toolchain_mounts, variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.screen.rust.record import TestFacts
    from cab_tasks.suite.cargo_build import Program
    from cab_tasks.suite.request import Request

_CWD_FLAG = "--test-run-directory"
_DRIVER = Path(__file__).parents[1] / "driver"
_PRISTINE = "/cab/pristine"
_SESSION_S = 30 * 24 * 3600.0
_BOOTSTRAP = """
import sys
import importlib.util as u
d = sys.argv.pop(1)
s = u.spec_from_file_location("driver", d + "/__init__.py", submodule_search_locations=[d])
m = sys.modules["driver"] = u.module_from_spec(s)
s.loader.exec_module(m)
from driver.serve import main
main()
"""
FUEL = 100_000  # ticks; what a test burns in a millisecond or two
FUEL_TIMES = 100  # of what it burns without a mutant
FUEL_TIMES_LARGE = 10  # where that is much, and 100 times as much would take a minute
FUEL_LARGE = 20_000_000  # ticks; about a second
GUARD_S = 1.0
GUARD_TIMES = 20.0
_PATIENCE = 10.0  # of the driver, at most


def fuel_of(test: TestFacts) -> int:
    """
    Ticks that a test may burn.
    """
    much = max(FUEL_LARGE, FUEL_TIMES_LARGE * test.ticks)
    return FUEL + min(FUEL_TIMES * test.ticks, much)


def guard_of(test: TestFacts) -> float:
    """
    Seconds that a test may take, for what burns no fuel.
    """
    return max(GUARD_S, GUARD_TIMES * test.duration_s)


class DriverSession:
    """
    One session; its programs may be told anew, after another build into the same folder.
    """

    def __init__(self, request: Request, target: Path, doctests: Path) -> None:
        """
        `doctests` is where compiled doc tests are, or may come to be.

        Raises:
            SandboxError: it cannot start.
        """
        self._stack = contextlib.ExitStack()
        self._answer_s = request.limits.timeout_s
        self._memory_bytes = request.limits.memory_bytes
        own = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="cab-own-")))
        doctests.mkdir(parents=True, exist_ok=True)
        command = _command(request, target, doctests, own)
        limits = replace(request.limits, timeout_s=_SESSION_S)
        self._session = self._stack.enter_context(
            open_session(command, limits, policy=request.policy)
        )

    def tell_programs(self, programs: Sequence[Program], tests: Sequence[TestFacts]) -> None:
        """
        Which programs there are, and what each of their tests may burn and take.
        """
        told: list[dict[str, Any]] = [
            {
                "argv": one.argv,
                "cwd": _cwd(one),
                "env": one.env,
                "fuel": {},
                "guard_s": {},
                "paths": {},
                "failing": [],
            }
            for one in programs
        ]
        for test in tests:
            told[test.program]["fuel"][test.name] = fuel_of(test)
            told[test.program]["guard_s"][test.name] = guard_of(test)
            if test.path:
                told[test.program]["paths"][test.name] = test.path
            if test.fails:
                told[test.program]["failing"].append(test.name)
        self.ask({"kind": "programs", "programs": told, "memory_bytes": self._memory_bytes})

    def ask(self, request: dict[str, Any], tests: Sequence[TestFacts] = ()) -> dict[str, Any]:
        """
        One request, one answer; `tests` are those that it runs, and waits for.

        Raises:
            SessionOver: the driver is dead, or over the limits.
            SandboxError: it says nothing in time.
        """
        self._session.send(json.dumps(request).encode("ascii") + b"\n")
        wait_s = self._answer_s + _PATIENCE * sum(guard_of(test) for test in tests)
        line = self._session.receive(wait_s)
        if line is None:
            raise SandboxError(f"the driver says nothing for {wait_s:g} s")
        told: dict[str, Any] = json.loads(line)
        return told

    def stderr(self) -> str:
        return self._session.stderr_tail().decode("utf-8", "replace").strip()

    def close(self) -> None:
        self._stack.close()


def _cwd(program: Program) -> str:
    """
    Where its tests run: rustdoc itself may be started somewhere else.
    """
    words = dict(pairwise(program.argv))
    joined = (word.partition("=")[2] for word in program.argv if word.startswith(f"{_CWD_FLAG}="))
    return words.get(_CWD_FLAG) or next(joined, "") or program.cwd


def _command(request: Request, target: Path, doctests: Path, own: Path) -> Command:
    python = Path(os.path.realpath(sys.executable))
    places = (TREE, TARGET, CARGO_HOME, TOOLS, DOCTESTS, _PRISTINE, HOME)
    own_mount = (Mount(own, f"{TARGET}/tmp", writable=True),)
    return Command(
        argv=(str(python), "-I", "-S", "-B", "-c", _BOOTSTRAP, INJECT, *places),
        tree=request.tree,
        cwd=TREE,
        env=(*variables(request), *request.extra_variables, ("RUSTC_BOOTSTRAP", "1")),
        mounts=(
            *toolchain_mounts(request),
            *prefix_mounts(python.parent.parent),
            Mount(_DRIVER, INJECT),
            Mount(request.tree, _PRISTINE),
            Mount(target, TARGET),
            Mount(doctests, DOCTESTS),
            *(own_mount if (target / "tmp").is_dir() else ()),
        ),
        channel=True,
        requests=True,
    )
