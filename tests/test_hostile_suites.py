"""
Suites that mean harm, or go badly wrong: each ends as a named outcome, and nothing runs on.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest
from suite_runs import python_environment

from cab_tasks.model import Run, RunEnd, SuiteSpec, TestOutcome
from cab_tasks.sandbox import Limits
from cab_tasks.suite import run_suite

LIMITS = Limits(
    timeout_s=40,
    memory_bytes=256 << 20,
    processes=64,
    disk_bytes=64 << 20,
    output_bytes=4 << 20,
)
GOOD = "def test_good():\n    assert True\n\n\n"
SUITES = {
    "endless loop": "while True:\n        pass",
    "forked daemon": (
        "import os, time\n    if os.fork() == 0:\n        os.setsid()\n"
        "        if os.fork() == 0:\n            time.sleep(600)\n"
        "        os._exit(0)\n    os.wait()"
    ),
    "fills the disk": (
        "with open('big', 'wb') as file:\n"
        "        while True:\n            file.write(b'x' * 1048576)"
    ),
    "eats memory": "kept = []\n    while True:\n        kept.append(bytearray(8 << 20))",
    "prints 1 GB": ("import os\n    for _ in range(1024):\n        os.write(1, b'x' * 1048576)"),
    "kills its parent": "import os, signal\n    os.kill(os.getppid(), signal.SIGKILL)",
}
# How the test itself ends, or the whole run where the limit is the run's.
EXPECTED = {
    "endless loop": (RunEnd.COMPLETED, TestOutcome.TIMEOUT),
    "forked daemon": (RunEnd.COMPLETED, TestOutcome.PASSED),
    "fills the disk": (RunEnd.LIMIT, TestOutcome.FAILED),
    "eats memory": (RunEnd.LIMIT, TestOutcome.CRASHED),
    "prints 1 GB": (RunEnd.LIMIT, TestOutcome.CRASHED),
    "kills its parent": (RunEnd.COMPLETED, TestOutcome.PASSED),
}


def marked_processes(mark: str) -> list[str]:
    """
    Processes on this machine that have the mark in their environment.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            continue  # it ended while we looked
    return found


def ran(body: str, tree: Path, mark: str) -> Run:
    tree.mkdir()
    (tree / "test_suite.py").write_text(f"{GOOD}def test_bad():\n    {body}\n")
    spec = SuiteSpec(
        "python", "pytest", ("python", "-m", "pytest", "-s"), test_globs=("test_*.py",)
    )
    return run_suite(
        spec, python_environment(), tree,
        limits=LIMITS, test_timeout_s=3, variables=(("MARK", mark),),
    )  # fmt: skip


@pytest.mark.parametrize("name", SUITES)
def test_suite_ends_as_a_named_outcome_with_nothing_left(name: str, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    started = time.monotonic()

    run = ran(SUITES[name], tmp_path / "tree", mark)

    end, outcome = EXPECTED[name]
    outcomes = run.outcomes()
    assert run.end is end, run.detail
    assert outcomes.get("test_suite.py::test_bad") is outcome
    if end is RunEnd.COMPLETED:
        assert outcomes["test_suite.py::test_good"] is TestOutcome.PASSED
    assert time.monotonic() - started < LIMITS.timeout_s + 20
    assert marked_processes(mark) == []
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]
