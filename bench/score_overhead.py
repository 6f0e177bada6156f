"""
What scoring costs beyond the test run itself, on a large workdir: milliseconds and memory.

    python bench/score_overhead.py [--files 10000] [--megabytes 50] [--runs 5]

Makes a Python task of that size, and an attempt that holds its fix. Each run is a process of its
own, so that its peak of memory is its own. Overhead is all but the run of the suite; the second
figure counts what the sandbox does to fill its tree as overhead, too. Processor time is of this
process alone (the sandbox's programs are children): on a busy machine it is the one to trust.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _common import machine, table

MANIFEST = """\
schema: cab-task/v1
task_id: mutations/large
title: "large: a wrong sum"
family: mutations
language: python
version: v0.1
source: handwritten
max_turns: 10
timeout_s: 600
ground_truth_files: [src/sums.py]
expected_changes:
- {path: src/sums.py, symbol: total, lines: [2, 2]}
constraints:
- {kind: file-not-touched, path: "tests/**"}
scorer: {kind: exec}
tests:
  framework: unittest
  command: PYTHONPATH=src python -m unittest discover -s tests
  visibility: visible
  protected: ["tests/**"]
limits:
  suite_timeout_s: 60
  test_timeout_s: 10
"""
SOURCE = b"def total(numbers):\n    return sum(numbers, 1)\n"
TESTS = b"""\
import unittest

from sums import total


class TestTotal(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 3]), 4)
"""


def main() -> None:
    options = _options()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    with tempfile.TemporaryDirectory(dir=options.within) as folder:
        root = Path(folder) / "large"
        make_bundle(root, options.files, options.megabytes << 20)
        make_attempt(root, root.parent / "attempt")
        runs = [_run(root) for _ in range(options.runs)]
    _print(runs, options)


def make_bundle(root: Path, files: int, size: int) -> None:
    """
    A task whose workdir has that many files and bytes, in folders of a hundred.
    """
    from cab_tasks.bundle import DIGESTS, digest_lines, dump_json
    from cab_tasks.patch import make_patch
    from cab_tasks.workspace import write

    dice = random.Random(4)
    for number in range(files - 2):
        path = f"workdir/data/{number // 100:03}/{number:05}.txt"
        write(root, path, dice.randbytes(size // files))
    fixed = SOURCE.replace(b", 1", b"")
    texts = {
        "task.yaml": MANIFEST.encode(),
        "prompt.md": b"# large\n\nThe total is wrong.\n",
        "AGENTS.md": b"# Rules\n",
        "workdir/src/sums.py": SOURCE,
        "workdir/tests/test_sums.py": TESTS,
        "hidden/tests/tests/test_sums.py": TESTS,
        "hidden/fix.patch": make_patch("src/sums.py", SOURCE, fixed),
        "hidden/tests.json": dump_json(
            {"fail_to_pass": ["test_sums.TestTotal.test_total"], "pass_to_pass": []}
        ),
    }
    for path, data in texts.items():
        write(root, path, data)
    write(root, DIGESTS, digest_lines(root))


def make_attempt(root: Path, folder: Path) -> None:
    shutil.copytree(root / "workdir", folder)
    (folder / "src/sums.py").write_bytes(SOURCE.replace(b", 1", b""))


def _run(root: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--measure", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def measure(root: Path) -> dict[str, float]:
    """
    One score in this process: milliseconds by step, and its peak of memory.
    """
    from cab_tasks import judge
    from cab_tasks.bundle import read_bundle
    from cab_tasks.sandbox import Policy
    from cab_tasks.score import scoring

    steps = {
        "walk and compare": _timed(scoring, "left_in"),
        "lay the tree": _timed(judge, "lay_tree"),
        "run the suite": _timed(judge, "run_suite"),
        "digest the bundle": _timed(scoring, "digest_lines"),
    }
    setting = judge.Setting(_environment(), None, Policy.AUTO)
    began, busy = time.perf_counter(), time.process_time()
    bundle = read_bundle(root)
    read = time.perf_counter()
    score = scoring.score_folder(bundle, root.parent / "attempt", setting)
    ended, busy = time.perf_counter(), time.process_time() - busy
    assert score.verdict == "pass", score.findings
    found = {"read the bundle": (read - began) * 1000}
    found |= {name: sum(times) for name, times in steps.items()}
    whole = (ended - began) * 1000
    found["all the rest"] = whole - sum(found.values())
    found["tests alone"] = score.measured.suite_ms
    found["overhead"] = whole - found["run the suite"]
    found["overhead, with the sandbox's copy"] = whole - score.measured.suite_ms
    found["processor time of ours"] = busy * 1000
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _timed(module: object, name: str) -> list[float]:
    """
    The milliseconds of each call of a module's function from now on.
    """
    times: list[float] = []
    function = getattr(module, name)

    def timed(*arguments: Any, **options: Any) -> Any:
        began = time.perf_counter()
        made = function(*arguments, **options)
        times.append((time.perf_counter() - began) * 1000)
        return made

    setattr(module, name, timed)
    return times


def _environment() -> Any:
    """
    This interpreter's own.
    """
    from cab_tasks.model import Environment

    root = Path(sys.prefix)
    return Environment("python", "own", root, "cpython", root / "bin" / "python")


def _print(runs: list[dict[str, float]], options: argparse.Namespace) -> None:
    facts = machine()
    print(f"{options.files} files, {options.megabytes} MB, {len(runs)} runs; {facts}\n")
    rows = [
        (name, f"{statistics.median(run[name] for run in runs):.1f}",
         f"{min(run[name] for run in runs):.1f}")
        for name in runs[0]
    ]  # fmt: skip
    print(table(("ms", "median", "best"), rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--in", dest="within", help="where task and attempt are made")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
