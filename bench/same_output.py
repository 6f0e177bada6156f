"""
The same output on any number of jobs, and after kills.

    python bench/same_output.py [SEED] [--count 10] [--kills 5]

generate with --jobs 1, with --jobs 2, and with --jobs 2 killed (SIGKILL) at several moments and
resumed; the outputs are compared with `diff -r`.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CAB = [sys.executable, "-m", "cab_tasks"]


def generate(seed: str, out: Path, count: int, jobs: int, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*CAB, "generate", seed, "--out", out, "--count", str(count), "-j", str(jobs), "-q", *more],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def differs(one: Path, other: Path) -> str:
    return subprocess.run(["diff", "-r", one, other], capture_output=True, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", nargs="?", default="template:python-inventory")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--kills", type=int, default=5)
    arguments = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="same-"))
    seconds = {}
    for jobs in (1, 2):
        started = time.monotonic()
        generate(arguments.seed, root / f"jobs-{jobs}", arguments.count, jobs).wait()
        seconds[jobs] = time.monotonic() - started
    made = len(list((root / "jobs-1/mutations").iterdir()))
    told = differs(root / "jobs-1", root / "jobs-2")
    print(f"{made} tasks; jobs 1: {seconds[1]:.0f} s, jobs 2: {seconds[2]:.0f} s; diff: {told!r}")
    rng = random.Random(7)
    resume: tuple[str, ...] = ()
    for number in range(arguments.kills):
        running = generate(arguments.seed, root / "killed", arguments.count, 2, *resume)
        moment = rng.uniform(0.25, 0.45) * seconds[2]
        time.sleep(moment)
        ended = running.poll() is not None
        os.killpg(running.pid, signal.SIGKILL) if not ended else None
        running.wait()
        there = len(list((root / "killed/mutations").glob("[!.]*")))
        print(f"kill {number + 1} after {moment:.1f} s: {there} tasks there", flush=True)
        resume = ("--resume",)
    generate(arguments.seed, root / "killed", arguments.count, 2, "--resume").wait()
    again = differs(root / "jobs-1", root / "killed")
    print(f"killed {arguments.kills} times and resumed; diff: {again!r}")
    left = [str(path) for path in root.rglob(".partial-*")]
    print(f"leftovers: {left}")
    return int(bool(told or again or left))


if __name__ == "__main__":
    sys.exit(main())
