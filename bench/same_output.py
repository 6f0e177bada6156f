"""
The same output on any number of jobs, and after kills.

    python bench/same_output.py [SEED] [--count 20] [--kills 10]

generate with --jobs 1, with --jobs 2, and with --jobs 2 killed (SIGKILL, its own process only) at
random moments and resumed; the outputs are compared with `diff -r`. A trial that the journal held
at a kill must stand there byte for byte at the end: its measured time would change if it were made
again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CAB = [sys.executable, "-m", "cab_tasks"]


def generate(
    seed: str, out: Path, cache: Path, count: int, jobs: int, *more: str
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*CAB, "generate", seed, "--out", out, "--count", str(count), "-j", str(jobs), "-q", *more],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "CAB_TASKS_CACHE": str(cache)},
    )


def differs(one: Path, other: Path) -> str:
    return subprocess.run(["diff", "-r", one, other], capture_output=True, text=True).stdout


def journal(cache: Path) -> dict[tuple[str, str], str]:
    """
    The whole lines of the only journal, by mutant and stage.
    """
    found = {}
    for path in (cache / "journals").glob("*.jsonl"):
        for line in path.read_text(errors="replace").splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue  # cut short by the kill
            found[record["mutant"], record["stage"]] = line
    return found


def killed(arguments: argparse.Namespace, root: Path) -> tuple[int, int]:
    """
    Kill and resume; how many trials were known at kills, and how many of them were made again.
    """
    cache, out = root / "cache-killed", root / "killed"
    # Else most kills would fall before the first trial.
    shutil.copytree(root / "cache-2", cache, symlinks=True)
    shutil.rmtree(cache / "journals")
    rng = random.Random(arguments.dice)
    known: dict[tuple[str, str], str] = {}
    resume: tuple[str, ...] = ()
    for number in range(arguments.kills):
        running = generate(arguments.seed, out, cache, arguments.count, 2, *resume)
        moment = rng.uniform(*arguments.moments)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(moment)
            print(f"kill {number + 1}: it was done before {moment:.1f} s")
        running.kill()
        running.wait()
        time.sleep(0.5)  # its workers die with it
        known.update(journal(cache))
        there = len(list((out / "mutations").glob("[!.]*")))
        print(f"kill {number + 1} after {moment:.1f} s: {there} tasks, {len(known)} trials known")
        resume = ("--resume",)
    generate(arguments.seed, out, cache, arguments.count, 2, "--resume").wait()
    at_the_end = journal(cache)
    return len(known), sum(at_the_end.get(key) != line for key, line in known.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", nargs="?", default="template:python-inventory")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--moments", type=float, nargs=2, default=(2.0, 9.0), help="seconds")
    parser.add_argument("--dice", type=int, default=7)
    arguments = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="same-"))
    seconds = {}
    for jobs in (1, 2):
        started = time.monotonic()
        cache = root / f"cache-{jobs}"
        generate(arguments.seed, root / f"jobs-{jobs}", cache, arguments.count, jobs).wait()
        seconds[jobs] = time.monotonic() - started
    made = len(list((root / "jobs-1/mutations").iterdir()))
    told = differs(root / "jobs-1", root / "jobs-2")
    print(f"{made} tasks; jobs 1: {seconds[1]:.0f} s, jobs 2: {seconds[2]:.0f} s; diff: {told!r}")
    known, again = killed(arguments, root)
    after = differs(root / "jobs-1", root / "killed")
    left = [str(path) for path in root.rglob(".partial-*")]
    print(f"killed {arguments.kills} times and resumed; diff: {after!r}; leftovers: {left}")
    print(f"trials known at a kill: {known}; made again: {again}")
    return int(bool(told or after or left or again))


if __name__ == "__main__":
    sys.exit(main())
