"""
Runs a repository's test suite in a tree, and tells each test's outcome.

One file per framework. Every process runs in the sandbox, on a copy of the tree; results come over
a channel of their own, never from an exit code alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.errors import UsageError
from cab_tasks.sandbox import Policy
from cab_tasks.suite.cargo import run_cargo
from cab_tasks.suite.exec import run_exec
from cab_tasks.suite.go import run_go
from cab_tasks.suite.pytest import run_pytest
from cab_tasks.suite.request import Bytecode, Request
from cab_tasks.suite.unittest import run_unittest

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.model import Environment, Reach, Run, SuiteSpec
    from cab_tasks.sandbox import Limits

__all__ = ["Bytecode", "run_suite", "trace_suite"]

_FRAMEWORKS = {
    "pytest": run_pytest,
    "unittest": run_unittest,
    "cargo": run_cargo,
    "go": run_go,
    "exec": run_exec,
}


def run_suite(
    spec: SuiteSpec,
    environment: Environment,
    tree: Path,
    *,
    limits: Limits,
    test_timeout_s: float = 0.0,
    select: tuple[str, ...] = (),
    shuffle: int | None = None,
    variables: tuple[tuple[str, str], ...] = (),
    target: Path | None = None,
    policy: Policy = Policy.AUTO,
    bytecode: Bytecode | None = None,
    is_quick: bool = False,
) -> Run:
    """
    One run of the suite: of all tests, or of those that `select` names.

    `limits.timeout_s` is for the whole run, `test_timeout_s` for each test (0: none). `shuffle` is
    the seed of another order. `target` is a build folder of compiled languages, one per worker; it
    is kept warm there, and edited files must have new times. None builds in a folder thrown away.
    `bytecode` is what Python need not compile again. A run that `is_quick` reads the files of the
    chosen tests only, and tells that an assertion failed, not why: getting a test file ready for
    that takes most of reading it.

    Raises:
        UsageError: an unknown framework, or a command that does not name it.
        SandboxError: the sandbox cannot start.
    """
    request = Request(
        spec, environment, tree, limits, test_timeout_s, select, shuffle, variables, target, policy,
        bytecode=bytecode, is_quick=is_quick,
    )  # fmt: skip
    return _run(request)[0]


def trace_suite(
    spec: SuiteSpec,
    environment: Environment,
    tree: Path,
    *,
    limits: Limits,
    test_timeout_s: float = 0.0,
    select: tuple[str, ...] = (),
    variables: tuple[tuple[str, str], ...] = (),
    target: Path | None = None,
    policy: Policy = Policy.AUTO,
    bytecode: Bytecode | None = None,
) -> tuple[Run, Reach]:
    """
    As `run_suite`, and which lines of product code the tests execute; slower.
    """
    request = Request(
        spec, environment, tree, limits, test_timeout_s, select, None, variables, target, policy,
        reach=True, bytecode=bytecode,
    )  # fmt: skip
    return _run(request)


def _run(request: Request) -> tuple[Run, Reach]:
    framework = _FRAMEWORKS.get(request.spec.framework)
    if framework is None:
        known = ", ".join(sorted(_FRAMEWORKS))
        raise UsageError(
            f"{request.spec.framework}: no test framework of ours; choose from {known}"
        )
    return framework(request)
