"""
cargo test: one build, then each test program by itself, doc tests included.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.model import Reach, Run, RunEnd, TestOutcome, TestResult
from cab_tasks.suite.cargo_build import build
from cab_tasks.suite.panics import failure_of
from cab_tasks.suite.program import ProgramRun
from cab_tasks.workspace import read_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cab_tasks.suite.cargo_build import Built, Program
    from cab_tasks.suite.program import Tested
    from cab_tasks.suite.request import Request

_DOC_NAME = re.compile(r"(?P<item>.+?) \(line (?P<line>\d+)\)")
_DOC_CODE = re.compile(
    rb"^\s*//[/!](.*```|\s{5})|^\s*(/\*[*!]|\*).*```|doc\s*=|include_str!", re.MULTILINE
)


def run_cargo(request: Request) -> tuple[Run, Reach]:
    """
    One run of `cargo test` with an outcome for each test.

    Raises:
        UsageError: the command is no `cargo test`.
        SeedEnvironmentError: there is no toolchain.
    """
    if request.reach:
        from cab_tasks.suite.cargo_reach import trace_cargo

        return trace_cargo(request)
    with tempfile.TemporaryDirectory(prefix="cab-target-") as folder:
        return build_and_run(request, request.target or Path(folder, "target")), Reach()


def build_and_run(request: Request, target: Path) -> Run:
    started = time.monotonic()
    target.mkdir(parents=True, exist_ok=True)
    return run_built(request, build(request, target, request.limits.timeout_s), target, started)


def run_built(request: Request, built: Built, target: Path, started: float) -> Run:
    """
    Run what a build has made; the time limit counts from `started`.
    """
    if built.end is not None:
        return Run(built.end, duration_s=built.duration_s, detail=built.detail)
    suite = _Suite(request, built)
    deadline = started + request.limits.timeout_s
    for program in built.programs:
        if program.is_doc and not suite.has_doc_code(program):
            continue
        suite.add(program, ProgramRun(request, program, target, deadline))
        if suite.end in (RunEnd.TIMEOUT, RunEnd.LIMIT):
            break
    return suite.run()


class _Suite:
    """
    What is known after some programs.
    """

    def __init__(self, request: Request, built: Built) -> None:
        self.end: RunEnd | None = None
        self._request = request
        self._files = dict(read_files(request.tree, skip=(".git",)))
        self._details: list[str] = []
        self._results: dict[str, TestResult] = {}
        self._twice: set[str] = set()
        self._duration_s = built.duration_s
        self._cpu_s = 0.0  # of tests: every build is parallel
        self._peak_bytes = 0

    def has_doc_code(self, program: Program) -> bool:
        """
        A cheap look at the sources: rustdoc takes a while to find nothing.
        """
        source = next((word for word in program.argv if word.endswith(".rs")), "")
        folder = f"{program.cwd}/{source}".removeprefix("/cab/tree/").rpartition("/")[0]
        return any(
            _DOC_CODE.search(data)
            for path, data in self._files.items()
            if path.endswith(".rs") and path.startswith(folder)
        )

    def add(self, program: Program, runs: ProgramRun) -> None:
        names = None
        if self._request.select:
            names = self._names(program, runs)
            if not names:
                return
        tested = runs.tested(names)
        self._duration_s += tested.duration_s
        self._cpu_s += tested.cpu_s
        self._peak_bytes = max(self._peak_bytes, tested.peak_bytes)
        self._details += [tested.detail] if tested.detail else []
        self.end = self.end or tested.end
        listed = runs.listed() if program.is_doc and names is not None else tested.listed
        for test, result in self._told(program, tested, listed, names):
            if test in self._results:
                self._twice.add(test)
            self._results[test] = result

    def run(self) -> Run:
        detail = "; ".join(self._details)
        end = self.end or (RunEnd.COMPLETED if self._results else RunEnd.NO_TESTS)
        results = [self._results[test] for test in sorted(self._results)]
        return Run(
            end,
            tuple(result for result in results if result.id not in self._twice),
            self._duration_s,
            detail,
            tuple(sorted(self._twice)),
            self._cpu_s,
            self._peak_bytes,
        )

    def _names(self, program: Program, runs: ProgramRun) -> tuple[str, ...]:
        head = f"{program.binary} "
        asked = {test.removeprefix(head) for test in self._request.select if test.startswith(head)}
        if not asked or not program.is_doc:
            return tuple(sorted(asked))
        return tuple(name for name, label in doc_labels(runs.listed()).items() if label in asked)

    def _told(
        self,
        program: Program,
        tested: Tested,
        listed: Iterable[str],
        names: tuple[str, ...] | None,
    ) -> Iterator[tuple[str, TestResult]]:
        labels: Mapping[str, str] = doc_labels(listed) if program.is_doc else {}
        for name, ending in tested.endings.items():
            if names is not None and name not in names:
                continue
            test = f"{program.binary} {labels.get(name, name)}"
            failure = None
            if ending.outcome is TestOutcome.FAILED:
                failure = failure_of(name, ending, self._files, self._request.spec.test_globs)
            yield test, TestResult(test, ending.outcome, ending.duration_s, failure)


def doc_labels(names: Iterable[str]) -> dict[str, str]:
    """
    Doc tests by item and ordinal: a line number changes with every edit above it.
    """
    items: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in names:
        if found := _DOC_NAME.match(name):
            items[found["item"].rstrip(" -")].append((int(found["line"]), name))
    return {
        name: f"{item} #{ordinal}"
        for item, places in items.items()
        for ordinal, (_, name) in enumerate(sorted(places), 1)
    }
