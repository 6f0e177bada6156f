"""
Worker processes: warm slots, results as they come, deaths survived, nothing left behind.
"""

from __future__ import annotations

import functools
import os
import signal
import time
from pathlib import Path

import pytest

from cab_tasks.errors import UsageError, WorkerDiedError
from cab_tasks.executors.workers import WorkerPool, affordable


class Place:
    """
    A slot that counts its calls, and says in a folder that it was closed.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number
        self.calls = 0

    def close(self) -> None:
        (self.folder / f"closed-{self.number}").touch()

    def count(self) -> tuple[int, int]:
        self.calls += 1
        return os.getpid(), self.calls

    def fail(self) -> None:
        raise UsageError("as asked")

    def die_once(self) -> str:
        mark = self.folder / "died"
        if mark.exists():
            return "lived"
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
        return "never"

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def sleep(self) -> None:
        (self.folder / f"pid-{os.getpid()}").touch()
        time.sleep(60)


def pool(tmp_path: Path, workers: int) -> WorkerPool:
    return WorkerPool(functools.partial(Place, tmp_path), workers)


def test_a_slot_lives_from_call_to_call_and_is_closed_at_the_end(tmp_path: Path) -> None:
    with pool(tmp_path, 1) as executor:
        for number in range(3):
            executor.submit(number, Place.count)
        found = dict(executor.next() for _ in range(3))
    assert [calls for _, calls in found.values()] == [1, 2, 3]
    assert len({pid for pid, _ in found.values()}) == 1
    assert (tmp_path / "closed-0").exists()


def test_what_a_call_raises_is_raised_again_and_the_worker_lives(tmp_path: Path) -> None:
    with pool(tmp_path, 1) as executor:
        executor.submit("a", Place.fail)
        with pytest.raises(UsageError, match="as asked"):
            executor.next()
        executor.submit("b", Place.count)
        assert executor.next()[1][1] == 1


def test_a_call_whose_worker_is_killed_is_made_once_more(tmp_path: Path) -> None:
    with pool(tmp_path, 2) as executor:
        executor.submit("a", Place.die_once)
        assert executor.next() == ("a", "lived")
        executor.submit("b", Place.die)
        with pytest.raises(WorkerDiedError, match="exit code -9"):
            executor.next()


def test_leaving_early_ends_the_workers(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pool(tmp_path, 2) as executor:
        for number in range(4):
            executor.submit(number, Place.sleep)
        while len(list(tmp_path.glob("pid-*"))) < 2:
            time.sleep(0.02)
    pids = [int(path.name.removeprefix("pid-")) for path in tmp_path.glob("pid-*")]
    assert time.monotonic() - begun < 20
    assert [pid for pid in pids if Path("/proc", str(pid)).exists()] == []
    assert (tmp_path / "closed-0").exists()


def test_workers_are_as_many_as_cores_and_memory_feed() -> None:
    cores = len(os.sched_getaffinity(0))
    assert affordable(3, cores_each=1.0, bytes_each=0) == 3
    assert affordable(cores, cores_each=float(cores), bytes_each=0) == 1 or cores == 1
    assert affordable(8, cores_each=1.0, bytes_each=1 << 50) == 1
