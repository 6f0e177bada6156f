"""
prepare_rust(): one woven build for all mutants, and each worker's engine on top of it.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cab_tasks import workspace
from cab_tasks.environment.rust import find_toolchain
from cab_tasks.errors import SandboxError
from cab_tasks.model import Lane, RunEnd, Screened
from cab_tasks.sandbox import Ended, SessionOver
from cab_tasks.screen.rust import record as records
from cab_tasks.screen.rust.alone import Alone
from cab_tasks.screen.rust.doctests import known_tests
from cab_tasks.screen.rust.ladder import climb
from cab_tasks.screen.rust.layout import layout_of
from cab_tasks.screen.rust.record import Record, TestFacts
from cab_tasks.screen.rust.session import DriverSession
from cab_tasks.screen.rust.tracing import mutant_request, trace
from cab_tasks.screen.rust.wording import described, results_of
from cab_tasks.suite.build_folder import copy_warm
from cab_tasks.suite.request import Request
from mutators.base import Refusal
from mutators.rust._switch import runtime

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cab_tasks.model import Mutant
    from cab_tasks.screen.contract import Setting
    from cab_tasks.suite.cargo_build import Program

_OVER = {Ended.MEMORY: RunEnd.LIMIT, Ended.OUTPUT: RunEnd.LIMIT, Ended.DISK: RunEnd.LIMIT}
_RECORD = "screen.json"


@dataclass(frozen=True, slots=True)
class PreparedRust:
    """
    A finished build in `folder`; each worker reads its record for itself.
    """

    setting: Setting
    folder: Path
    unseen: frozenset[str]

    def open(self, worker: int) -> RustScreen:
        return RustScreen(self.setting, self.folder)

    def close(self) -> None:
        """
        The build stays in the cache.
        """

    def record(self) -> Record:
        record = records.load(self.folder / _RECORD)
        assert record is not None  # written before this was made
        return record


def prepare_rust(setting: Setting, mutants: Sequence[Mutant]) -> PreparedRust:
    """
    The woven build of these mutants, from the cache where it is there.

    Raises:
        SeedEnvironmentError: it does not build, or no test of it can be trusted.
    """
    folder = setting.cache / f"rust-{_key(setting, mutants)}"
    with workspace.lock(folder.with_suffix(".lock")):
        record = records.load(folder / _RECORD)
        if record is None or record.programs == ():
            record = _made(setting, mutants, folder)
    return PreparedRust(setting, folder, frozenset(record.unseen))


def _key(setting: Setting, mutants: Sequence[Mutant]) -> str:
    facts = [
        workspace.tree_hash(setting.tree), setting.environment.key, repr(setting.spec),
        find_toolchain(setting.policy).name, records.FORMAT, runtime(0).decode(), setting.green,
        sorted(one.fingerprint for one in mutants),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]


def request_of(setting: Setting) -> Request:
    return Request(
        setting.spec, setting.environment, setting.tree, setting.limits, policy=setting.policy
    )


def _made(setting: Setting, mutants: Sequence[Mutant], folder: Path) -> Record:
    target = folder / "target"
    if setting.warm is not None and setting.warm.is_dir() and not target.is_dir():
        copy_warm(setting.warm, target)
    target.mkdir(parents=True, exist_ok=True)
    request = request_of(setting)
    numbered = dict(enumerate(mutants, 1))
    ladder = climb(request, layout_of(request), numbered, target)
    started = time.monotonic()
    tests, unseen = known_tests(
        request, ladder.programs, setting.green, setting.durations_s, target, folder / "doctests"
    )
    session = DriverSession(request, target, folder / "doctests")
    try:
        traced = trace(session, ladder.programs, tests)
    finally:
        session.close()
    reach = traced.reach()
    alone = {id_: why for id_, why in ladder.alone.items() if id_ not in ladder.failed}
    untraced = alone.keys() - ladder.probed
    record = Record(
        programs=ladder.programs,
        tests=tuple(traced.tests),
        ids={mutant.fingerprint: id_ for id_, mutant in numbered.items()},
        failed=dict(sorted(ladder.failed.items())),
        alone=alone,
        reach={id_: reach.get(id_, ()) for id_ in numbered if id_ not in untraced},
        unseen={**unseen, **traced.unseen},
        plain=tuple(sorted(ladder.plain)),
        costs={
            "rounds": ladder.rounds,
            "build_s": ladder.seconds,
            "trace_s": time.monotonic() - started,
        },
    )
    records.save(record, folder / _RECORD)
    return record


class RustScreen:
    """
    One worker's session with the shared build, and a build folder for what is built alone.
    """

    def __init__(self, setting: Setting, folder: Path) -> None:
        """
        Raises:
            SandboxError: no session can be started.
        """
        self._setting = setting
        self._target = folder / "target"
        self._doctests = folder / "doctests"
        self._own = folder / "alone"
        self._record = PreparedRust(setting, folder, frozenset()).record()
        self._files: dict[str, bytes] = {}
        self._session: DriverSession | None = None
        self._alone: Alone | None = None

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
        started = time.monotonic()
        id_ = self._record.ids.get(mutant.fingerprint)
        if id_ is not None and id_ in self._record.failed:
            detail = self._record.failed[id_]
            return Screened(RunEnd.BUILD_FAILED, Lane.FAST, detail=detail)
        is_alone = id_ is None or id_ in self._record.alone
        tests = self._tests(id_, only)
        if not tests:
            return Screened(RunEnd.COMPLETED, Lane.BUILD if is_alone else Lane.FAST)
        run = self._built if is_alone else self._switched
        options = {"first_flip": first_flip, "describe": describe}
        try:
            return run(mutant, tests, options, started)
        except SessionOver as over:
            self.close()
            if over.finished.ended not in _OVER:
                raise SandboxError(f"{mutant.path}: {over}") from over
            lane, detail = Lane.BUILD if is_alone else Lane.FAST, f"ended by {over.finished.ended}"
            spent_s = time.monotonic() - started
            return Screened(_OVER[over.finished.ended], lane, detail=detail, duration_s=spent_s)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._alone is not None:
            self._alone.close()
            self._alone = None

    def _tests(self, id_: int | None, only: tuple[str, ...]) -> tuple[TestFacts, ...]:
        tests = self._record.tests
        if only:
            return tuple(one for one in tests if one.id in only)
        if id_ is None or id_ not in self._record.reach:
            return tests
        return tuple(tests[at] for at in self._record.reach[id_])

    def _switched(
        self, mutant: Mutant, tests: Sequence[TestFacts], options: dict[str, bool], started: float
    ) -> Screened:
        if self._session is None:
            self._session = DriverSession(request_of(self._setting), self._target, self._doctests)
            self._session.tell_programs(self._record.programs, self._record.tests)
        id_ = self._record.ids[mutant.fingerprint]
        told = self._session.ask(mutant_request(id_, tests, **options), tests)
        return self._screened(mutant, told, self._record.programs, Lane.FAST, options, started)

    def _built(
        self, mutant: Mutant, tests: Sequence[TestFacts], options: dict[str, bool], started: float
    ) -> Screened:
        if self._alone is None:
            request = request_of(self._setting)
            plain = frozenset(self._record.plain)
            self._alone = Alone(request, layout_of(request), plain, self._target, self._own)
        built = self._alone.built(mutant)
        if built.end is not None:
            spent_s = time.monotonic() - started
            return Screened(
                RunEnd.BUILD_FAILED, Lane.BUILD, detail=built.detail, duration_s=spent_s
            )
        binaries = [one.binary for one in self._record.programs]
        moved = self._alone.tests(mutant, built.programs, tests, binaries)
        if isinstance(moved, Refusal):
            return Screened(RunEnd.ERROR, Lane.BUILD, detail=moved.reason)
        session = self._alone.session(built.programs, moved)
        told = session.ask(mutant_request(0, moved, **options), moved)
        return self._screened(mutant, told, built.programs, Lane.BUILD, options, started)

    def _screened(
        self,
        mutant: Mutant,
        told: dict[str, Any],
        programs: Sequence[Program],
        lane: Lane,
        options: dict[str, bool],
        started: float,
    ) -> Screened:
        results, absent = results_of(told["results"], programs)
        if options["describe"] and not absent:
            results = self._described(told, programs, mutant)
        end = RunEnd.TIMEOUT if told["is_over_time"] else RunEnd.COMPLETED
        end = RunEnd.LIMIT if told["is_over_limit"] else end
        return Screened(
            RunEnd.ERROR if absent else end,
            lane,
            results,
            told["ran"],
            f"{absent[0]} is not there" if absent else "",
            time.monotonic() - started,
            told["hung_s"],
        )

    def _described(self, told: dict[str, Any], programs: Sequence[Program], mutant: Mutant) -> Any:
        if not self._files:
            self._files = dict(workspace.read_files(self._setting.tree, skip=(".git",)))
        globs = self._setting.spec.test_globs
        return described(told["results"], programs, mutant, self._files, globs)
