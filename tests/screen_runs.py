"""
Small suites, measured once, and mutants of them for the fast engine.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from suite_runs import LIMITS, python_environment

from cab_tasks.model import Mutant, TestOutcome
from cab_tasks.screen import Setting, prepare_screen
from cab_tasks.suite import run_suite, trace_suite
from mutators.base import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cab_tasks.model import Screened, SuiteSpec
    from cab_tasks.screen import Screen


def measured(tree: Path, spec: SuiteSpec, cache: Path) -> Setting:
    """
    As a baseline measures it, but for the third run.
    """
    environment = python_environment()
    plain = run_suite(spec, environment, tree, limits=LIMITS)
    _, reach = trace_suite(spec, environment, tree, limits=LIMITS)
    durations = {
        result.id: result.duration_s
        for result in plain.results
        if result.outcome is TestOutcome.PASSED
    }
    green = tuple(sorted(durations))
    return Setting(spec, environment, tree, green, durations, reach, cache, limits=LIMITS)


@contextlib.contextmanager
def opened(setting: Setting) -> Iterator[Screen]:
    prepared = prepare_screen(setting, ())
    with contextlib.closing(prepared.open(0)) as screen:
        yield screen


def mutant(setting: Setting, path: str, *changes: tuple[str, str]) -> Mutant:
    """
    Each text, which stands once in the file, replaced by another.
    """
    data = (setting.tree / path).read_bytes()
    edits = []
    for old, new in changes:
        assert data.count(old.encode()) == 1, old
        edits.append(Edit(data.index(old.encode()), old.encode(), new.encode()))
    return Mutant("python:test", path, tuple(edits), "", (1, 1), 1, 1, "")


def ends(screened: Screened) -> dict[str, str]:
    """
    Tests that do not pass, by their last name.
    """
    return {result.id.rpartition("::")[2]: result.outcome.value for result in screened.results}
