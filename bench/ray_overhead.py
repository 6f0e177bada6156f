"""
What Ray costs: milliseconds a call that does nothing, and a whole generate beside the local one.

    python bench/ray_overhead.py [SEED] [--count 10] [--calls 1000]

Both executors in turn, with as many workers as there are cores. A cluster is started for each run;
how long that takes, and ending it, is told apart. The outputs of generate are compared.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _common import Record, in_turn, median, options, table
from _timed import timed

from cab_tasks.executors.ray import RayPool
from cab_tasks.executors.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from cab_tasks.executors.contract import Executor

CORES = len(os.sched_getaffinity(0))


class Idle:
    """
    A slot whose calls do nothing.
    """

    def __init__(self, number: int) -> None:
        self.number = number

    def close(self) -> None:
        """Nothing is open."""

    def echo(self, what: object) -> object:
        return what


def calls(make_pool: Callable[[], Any], number: int) -> dict[str, float]:
    """
    Seconds to open, for the first call, to close; milliseconds for each of `number` later calls.
    """
    began = time.monotonic()
    with make_pool() as pool:
        opened = time.monotonic()
        _round(pool, CORES)
        warm = time.monotonic()
        _round(pool, number)
        done = time.monotonic()
    closed = time.monotonic()
    return {
        "open_s": round(opened - began, 2),
        "first_s": round(warm - opened, 2),
        "call_ms": round((done - warm) / number * 1000, 3),
        "close_s": round(closed - done, 2),
    }


def _round(pool: Executor, number: int) -> None:
    for key in range(number):
        pool.submit(key, Idle.echo, key)
    found = [pool.next() for _ in range(number)]
    if sorted(found) != [(key, key) for key in range(number)]:
        raise SystemExit("results were lost or doubled")


def generate(seed: str, count: int, cache: Path, out: Path, *more: str) -> dict[str, float]:
    command = [
        sys.executable, "-m", "cab_tasks", "generate", seed, "--count", count, "--out", out,
        "--force", "-q", "-j", CORES, *more,
    ]  # fmt: skip
    return timed(command, env={"CAB_TASKS_CACHE": str(cache)}).figures()


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("seed", nargs="?", default="template:python-inventory")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--calls", type=int, default=1000)
    arguments = parser.parse_args()
    record = Record.open(arguments.out, "ray_overhead")
    pools = {
        "calls local": functools.partial(WorkerPool, Idle, CORES),
        "calls ray": functools.partial(RayPool, Idle, workers=CORES),
    }
    empty = {
        side: lambda _, make_pool=make_pool: calls(make_pool, arguments.calls)
        for side, make_pool in pools.items()
    }
    found = in_turn(record, arguments.runs, empty)
    names = ("open_s", "first_s", "call_ms", "close_s")
    rows = [(side, *(median(runs, name) for name in names)) for side, runs in found.items()]
    print(table(("executor", *names), rows))
    return _whole(record, arguments)


def _whole(record: Record, arguments: Any) -> int:
    with tempfile.TemporaryDirectory(prefix="ray-overhead-") as folder:
        root = Path(folder)
        make = functools.partial(generate, arguments.seed, arguments.count, root / "cache")
        make(root / "first")  # environment and baseline are kept from here on
        sides = {
            "generate local": lambda _: make(root / "local"),
            "generate ray": lambda _: make(root / "ray", "--executor", "ray"),
        }
        found = in_turn(record, arguments.runs, sides)
        names = ("seconds", "cpu_s")
        rows = [(side, *(median(runs, name) for name in names)) for side, runs in found.items()]
        print(table(("executor", *names), rows))
        if not (root / "ray").is_dir():
            return 0  # all runs stood in the record
        told = subprocess.run(
            ["diff", "-r", root / "local", root / "ray"], capture_output=True, text=True
        ).stdout
        print(f"diff -r of the outputs: {told!r}")
        return int(bool(told))


if __name__ == "__main__":
    sys.exit(main())
