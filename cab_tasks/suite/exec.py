"""
exec: any program that prints a line a check, `ok NAME` or `FAIL NAME: reason`.

It ends with 0 where every check is ok, and with another code where one fails.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from cab_tasks.environment.installed import INSTALLED, find_toolchain
from cab_tasks.model import Failure, Reach, Run, RunEnd, TestOutcome, TestResult
from cab_tasks.sandbox import ENV, Command, Ended, run
from cab_tasks.suite.interpreter import interpreter_mounts
from cab_tasks.suite.wording import MESSAGE_MAX, Wording, capped

if TYPE_CHECKING:
    from cab_tasks.sandbox import Finished, Mount
    from cab_tasks.suite.request import Request

_CHECK = re.compile(r"(?:ok (?P<good>[^:]+)|FAIL (?P<bad>[^:]+): (?P<reason>.*))")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
# A JVM reserves a quarter of the machine's memory, which a limit on address space refuses.
_JVM = (
    "-Xmx512m -XX:ReservedCodeCacheSize=64m -XX:CompressedClassSpaceSize=128m -XX:+UseSerialGC"
    " -XX:TieredStopAtLevel=1"  # short programs end before better code would pay
)


def run_exec(request: Request) -> tuple[Run, Reach]:
    """
    One run of the program, with an outcome for each check that it prints.

    Checks cannot be chosen or put in another order: `select` filters what is told. A name that is
    told twice counts as unstable, never as passed.

    Raises:
        SeedEnvironmentError: the toolchain that the command needs is not installed.
    """
    path, mounts, env = _place(request)
    command = Command(
        argv=("/usr/bin/env", *request.spec.command),
        tree=request.tree,
        env=(*env, ("PATH", path), *request.spec.env, *request.variables),
        mounts=mounts,
    )
    finished = run(command, request.limits, policy=request.policy)
    return _run(request, finished), Reach()


def _place(request: Request) -> tuple[str, tuple[Mount, ...], tuple[tuple[str, str], ...]]:
    """
    PATH, mounts and variables that give the command its language.
    """
    language = request.environment.language
    if language == "python":
        mounts = interpreter_mounts(request.environment)
        return f"{ENV}/bin:{_SYSTEM_PATH}", mounts, (("PYTHONDONTWRITEBYTECODE", "1"),)
    if language in INSTALLED:
        toolchain = find_toolchain(language, request.policy)
        return toolchain.path, toolchain.mounts, (("JAVA_TOOL_OPTIONS", _JVM),)
    return _SYSTEM_PATH, (), ()


def _run(request: Request, finished: Finished) -> Run:
    told = [
        found
        for line in finished.stdout.decode("utf-8", "replace").splitlines()
        if (found := _CHECK.fullmatch(line.rstrip()))
    ]
    results = [_result(found) for found in told]
    counts = Counter(result.id for result in results)
    end, detail = _end(finished, results)
    wanted = set(request.select or counts)
    return Run(
        end,
        tuple(
            result
            for result in sorted(results, key=lambda one: one.id)
            if counts[result.id] == 1 and result.id in wanted
        ),
        finished.duration_s,
        detail,
        tuple(sorted(test for test, count in counts.items() if count > 1)),
        finished.cpu_s,
        finished.peak_bytes,
    )


def _result(found: re.Match[str]) -> TestResult:
    if found["good"] is not None:
        return TestResult(found["good"], TestOutcome.PASSED)
    failure = Failure("failure", Wording().message(found["reason"]))
    return TestResult(found["bad"], TestOutcome.FAILED, failure=failure)


def _end(finished: Finished, results: list[TestResult]) -> tuple[RunEnd, str]:
    """
    Completed only where code and checks agree: a program that stops half-way is no pass.
    """
    if finished.ended is Ended.TIMEOUT:
        return RunEnd.TIMEOUT, "over the suite's time limit"
    if finished.ended not in (Ended.EXITED, Ended.SIGNALLED):
        return RunEnd.LIMIT, f"ended by {finished.ended.value}"
    failed = any(result.outcome is TestOutcome.FAILED for result in results)
    if results and failed == (finished.exit_code != 0):
        return RunEnd.COMPLETED, ""
    if not results and finished.exit_code == 0:
        return RunEnd.NO_TESTS, "no check was told"
    words = Wording().normal(finished.stderr.decode("utf-8", "replace").strip())
    told = f"{len(results)} checks told, {'one failed' if failed else 'none failed'}"
    return RunEnd.CRASHED, capped(f"exit code {finished.exit_code}, {told}: {words}", MESSAGE_MAX)
