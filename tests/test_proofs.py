"""
Many bundles validated side by side: order, what is shared, and what an interrupted command leaves.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest
from bundles import write, write_bundle

from cab_tasks.bundle import DIGESTS, digest_lines
from cab_tasks.judge import RunCache
from cab_tasks.model import Run, RunEnd
from cab_tasks.proofs import validate_all
from cab_tasks.sandbox.bare import sweep
from cab_tasks.sandbox.processes import owner_prefix

if TYPE_CHECKING:
    from pathlib import Path

INTERRUPTED = 130
STARTED_S = 60.0


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    Where this test's temporary folders are made.
    """
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("jobs", [1, 2])
def test_verdicts_come_in_the_order_of_the_bundles(
    jobs: int, tmp_path: Path, temporary: Path
) -> None:
    roots = [tmp_path / f"none-{number}" for number in range(5)]
    heard: list[str] = []

    made = list(
        validate_all(roots, tmp_path, jobs=jobs, finished=lambda one: heard.append(one.path))
    )

    assert [one.path for one in made] == list(map(str, roots))
    assert {one.verdict for one in made} == {"invalid"}
    assert sorted(heard) == sorted(map(str, roots))
    assert list(temporary.iterdir()) == []
    assert tempfile.gettempdir() == str(temporary)


def test_validate_sweeps_what_a_killed_one_left(tmp_path: Path, temporary: Path) -> None:
    dead = subprocess.Popen(("true",))
    dead.wait()
    write(temporary / f"{owner_prefix()}{dead.pid}-x" / "worker-0/a", b"")
    write(temporary / f"{owner_prefix()}{os.getpid()}-x" / "worker-0/a", b"")

    sweep.cache_clear()  # a process sweeps once
    list(validate_all([tmp_path / "none"], tmp_path))

    assert [one.name for one in temporary.iterdir()] == [f"{owner_prefix()}{os.getpid()}-x"]


def test_interrupted_validate_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    roots = [_sleeping(tmp_path / str(number)) for number in range(2)]
    environment = {**os.environ, "CAB_TASKS_CACHE": str(tmp_path / "cache")}
    words = (sys.executable, "-m", "cab_tasks", "validate", *map(str, roots), "--jobs", "2")

    with subprocess.Popen(
        words, env=environment, start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as process:
        _wait_for_runs(temporary)
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=STARTED_S)

    assert process.returncode == INTERRUPTED
    assert "Traceback" not in told
    assert list(temporary.iterdir()) == []


def _sleeping(folder: Path) -> Path:
    """
    A bundle whose suite takes longer than anybody waits.
    """
    root = write_bundle(folder, "refusal")
    write(root / "workdir/test_add.py", b"import time\n\ntime.sleep(600)\n")
    write(root / DIGESTS, digest_lines(root))
    return root


def _wait_for_runs(temporary: Path) -> None:
    deadline = time.monotonic() + STARTED_S
    while not list(temporary.glob("*/cab-plan-*")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_run_cache_keeps_the_runs_asked_for_last() -> None:
    cache = RunCache(kept=2)
    made: list[str] = []

    def ask(key: str) -> None:
        def run() -> Run:
            made.append(key)
            return Run(RunEnd.COMPLETED)

        cache.get(key, run)

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)

    assert made == ["a", "b", "c", "b"]
