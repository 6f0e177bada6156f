"""
The records that travel between stages, and the words for outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mutators.base import Edit


class TestOutcome(StrEnum):
    """
    How one test ended. Only PASSED is a pass.
    """

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # set-up or tear-down broke
    SKIPPED = "skipped"  # skipped, ignored, or expected to fail and did
    TIMEOUT = "timeout"  # stopped by its own limit
    CRASHED = "crashed"  # took the process along


class RunEnd(StrEnum):
    """
    How a whole run of a suite ended.
    """

    COMPLETED = "completed"  # the runner reached its end; tests may have failed
    BUILD_FAILED = "build_failed"  # compiled languages: no test binary
    COLLECTION_ERROR = "collection_error"  # tests could not be collected
    NO_TESTS = "no_tests"  # the runner worked and named no test
    CRASHED = "crashed"  # the runner died; results so far are kept
    TIMEOUT = "timeout"
    LIMIT = "limit"  # memory, disk, processes or output over the limit
    ERROR = "error"  # the sandbox or the machine: nothing is known of the code


class Outcome(StrEnum):
    """
    How the trial of one mutant ended; design section 3.
    """

    CAUGHT = "caught"
    SURVIVED = "survived"
    BUILD_FAILED = "build_failed"
    COLLECTION_ERROR = "collection_error"
    TIMEOUT = "timeout"
    CATASTROPHIC = "catastrophic"
    FLAKY = "flaky"
    EQUIVALENT = "equivalent"
    DUPLICATE = "duplicate"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Failure:
    """
    Why one test failed, as material for a prompt; addresses, paths and thread ids normalised.

    `statement` is the source text of the test's failing statement, `values` the short reprs of
    the names in it, in order of appearance; `path` is relative to the tree, `line` from 1
    (0: unknown).
    """

    kind: str  # exception type, or `panic`
    message: str
    path: str = ""
    line: int = 0
    statement: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TestResult:
    """
    One test of one run. `id` is the runner's own, byte for byte.
    """

    id: str
    outcome: TestOutcome
    duration_s: float = 0.0
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """
    One run of a suite in a tree: results sorted by id; `detail` says why it did not complete.
    """

    end: RunEnd
    results: tuple[TestResult, ...] = ()
    duration_s: float = 0.0
    detail: str = ""
    unstable: tuple[str, ...] = ()  # ids that the runner gives twice, or anew in each run
    cpu_s: float = 0.0
    peak_bytes: int = 0  # memory of its largest process
    uncollected: tuple[str, ...] = ()  # files and names that the runner could not load

    def outcomes(self) -> dict[str, TestOutcome]:
        return {result.id: result.outcome for result in self.results}


@dataclass(frozen=True, slots=True)
class Reach:
    """
    Which lines a green run of the suite executes: path → lines from 1; and per test where known.

    `tests` maps (path, line) → ids of the tests that execute it; import-time lines have none.
    `imported` are the lines that run outside of every test, while modules are imported and tests
    collected. `spawning` tests start other programs: what those execute is not known.
    """

    lines: dict[str, frozenset[int]] = field(default_factory=dict)
    tests: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    imported: dict[str, frozenset[int]] = field(default_factory=dict)
    spawning: tuple[str, ...] = ()

    def distinct(self) -> dict[int, tuple[str, ...]]:
        """
        The values of `tests` by their `id`: places with the same tests share one, and a large suite
        has thousands of places.
        """
        return {id(tests): tests for tests in self.tests.values()}


class Lane(StrEnum):
    """
    How the fast engine came to know what a mutant does.
    """

    FAST = "fast"  # code swapped in a running process, or a switch in a shared build
    SLOW = "slow"  # a process forked before the seed's modules were imported
    BUILD = "build"  # a build of its own


@dataclass(frozen=True, slots=True)
class Screened:
    """
    What the fast engine says of one mutant: `results` are of the tests that did not pass.

    Every other green test passed, or cannot notice the mutant. `ran` counts tests, `hung_s` is
    the part of `duration_s` that went to tests that hang.
    """

    end: RunEnd
    lane: Lane
    results: tuple[TestResult, ...] = ()
    ran: int = 0
    detail: str = ""
    duration_s: float = 0.0
    hung_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SuiteSpec:
    """
    How a repository's tests are run, seen from its root.

    `command` is what a person types there (`("python", "-m", "pytest")`, `("cargo", "test")`);
    `env` are variables that it needs (`PYTHONPATH=src`). `test_globs` match test files
    (fnmatch on the relative path, `**` over folders). `framework`: pytest, unittest or cargo.
    """

    language: str
    framework: str
    command: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    test_globs: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()  # folders on the import path, `.` or `src`


@dataclass(frozen=True, slots=True)
class Environment:
    """
    A built place to run in, on this machine, and the facts that rebuild it elsewhere.

    Python: `root` is a virtual environment without pip. Rust: `root` is a CARGO_HOME with the
    locked crates. `files` are what goes to a bundle's `environment/`: (relative path, bytes),
    sorted, the same on every machine. `toolchain` is `cpython 3.11.7` or `rustc 1.95.0`.
    """

    language: str
    key: str
    root: Path
    toolchain: str
    interpreter: Path | None = None  # Python: root/bin/python
    files: tuple[tuple[str, bytes], ...] = ()
    notes: tuple[
        str, ...
    ] = ()  # what a person should know: left-out requirements, other patch level


@dataclass(frozen=True, slots=True)
class Seed:
    """
    A repository to make tasks of. `tree` is our own pristine copy: read it, never write it.

    `origin` is how others find it (URL, `template:NAME`, or the folder's name; no host path).
    `tree_hash` is the sha256 over the sorted (path, mode, sha256) of its files.
    """

    name: str
    origin: str
    commit: str
    date: str  # YYYY-MM-DD of the commit, "" if unknown
    tree: Path
    tree_hash: str
    license: str  # SPDX expression, "NOASSERTION" if none was found
    suite: SuiteSpec
    warnings: tuple[str, ...] = ()
    site: tuple[tuple[str, bytes], ...] = ()  # the project's own dist-info, as if it were installed


@dataclass(frozen=True, slots=True)
class Mutant:
    """
    One bug at one place, not yet tried. `path` is relative to the tree, `line` from 1.
    """

    mutator: str  # `python:cond.negate`
    path: str
    edits: tuple[Edit, ...]
    symbol: str
    symbol_lines: tuple[int, int]
    line: int
    column: int
    fingerprint: str
