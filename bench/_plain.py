"""
The plain way as an engine: a copy of the tree, the edit, the whole suite by its own command.

It keeps the contract of the screens, so that whatever measures them can measure this beside them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.environment import lay_environment_files
from cab_tasks.model import Lane, RunEnd, Screened, TestOutcome, TestResult
from cab_tasks.suite import run_suite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cab_tasks.model import Mutant
    from cab_tasks.screen.contract import Setting

TEST_LIMIT_S = 10.0  # the least that a trial gives one test
TIMES_SLOWEST = 20


@dataclass(frozen=True, slots=True)
class Plain:
    setting: Setting
    target: Path | None

    def screen(
        self,
        mutant: Mutant,
        *,
        only: tuple[str, ...] = (),
        first_flip: bool = False,
        describe: bool = False,
    ) -> Screened:
        setting, started = self.setting, time.monotonic()
        slowest = max(setting.durations_s.values(), default=0.0)
        with workspace.scratch() as folder:
            tree = folder / "tree"
            workspace.copy_tree(setting.tree, tree)
            workspace.edit_file(tree, mutant.path, mutant.edits)
            lay_environment_files(setting.environment, tree)
            run = run_suite(
                setting.spec, setting.environment, tree, limits=setting.limits, select=only,
                test_timeout_s=max(TEST_LIMIT_S, TIMES_SLOWEST * slowest), target=self.target,
                policy=setting.policy,
            )  # fmt: skip
        outcomes = run.outcomes()
        # As the broken tests of a trial: what vanished did not pass.
        bad = tuple(
            TestResult(test, outcomes.get(test, TestOutcome.CRASHED))
            for test in setting.green
            if outcomes.get(test) is not TestOutcome.PASSED
        )
        known = run.end in (RunEnd.COMPLETED, RunEnd.CRASHED)
        seconds = time.monotonic() - started
        return Screened(
            run.end, Lane.BUILD, bad if known else (), len(run.results), run.detail, seconds
        )

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class PlainPrepared:
    setting: Setting
    unseen: frozenset[str] = frozenset()

    def open(self, worker: int) -> Plain:
        if self.setting.spec.language == "python":
            return Plain(self.setting, None)
        return Plain(self.setting, self.setting.cache / f"plain-{worker}")

    def close(self) -> None:
        pass


def prepare_plain(setting: Setting, mutants: Sequence[Mutant]) -> PlainPrepared:
    return PlainPrepared(setting)
