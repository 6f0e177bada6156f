"""
Time over the floor: what screening took against the limit of its design.

    python bench/floor.py [toolz strsim-rs semver] [--runs 3] [--jobs 1] [--sample 300]

Python's floor: one fork a mutant and pytest's own item protocol for the tests that execute its
lines, measured with nothing mutated. Rust's: one process a mutant with as many tests as the engine
ran, at the times of the unchanged test programs; both over the workers. Ours is from the first
mutant to the last, the opening of the engine and the hanging tests in it; without them, too.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median as middle
from typing import Any

import _engine
from _common import CACHE, Record, in_turn, median, options, table
from _sources import FROM, clone

NAME = "floor"
COMMANDS = {
    "toolz": "python -m pytest toolz",
    "parse": "python -m pytest tests",
    "strsim-rs": "cargo test --lib --tests",
    "semver": "cargo test --lib --tests",
}
_INSIDE = Path(__file__).with_name("_floor_inside.py")
_TIMES = 15  # process starts that the median is taken of


def ours(name: str, tree: Path, sample: int, jobs: int) -> dict[str, Any]:
    out = CACHE / NAME / f"{name}.json"
    taken, told = _engine.run_engine(
        tree, out, "--sample", sample, "--jobs", jobs, "--test-command", COMMANDS[name],
        "--plan", out.with_suffix(".plan"),
    )  # fmt: skip
    row = _engine.figures(taken, told)
    hung_s = sum(one["hung_s"] for one in told["verdicts"]) / jobs
    return {
        "mutants": row["mutants"],
        "ran": row["ran"],
        "seconds": row["screening_s"],
        "less_hangs_s": round(row["screening_s"] - hung_s, 3),
        "lanes": row["lanes"],
    }


def python_floor(name: str, jobs: int) -> dict[str, Any]:
    """
    The slowest of `jobs` processes, each with its part of the mutants, at the same time.
    """
    plan = json.loads((CACHE / NAME / f"{name}.plan").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        running = []
        for number in range(jobs):
            folder = Path(scratch, str(number))
            tree = folder / "tree"
            shutil.copytree(plan["tree"], tree, symlinks=True)
            (folder / "plan.json").write_text(json.dumps(plan["tests"][number::jobs]))
            words = [plan["interpreter"], _INSIDE, folder / "plan.json", folder / "answer.json"]
            command = [*words, *COMMANDS[name].split()[3:]]
            running.append(subprocess.Popen(command, cwd=tree, stdout=subprocess.DEVNULL))
        for one in running:
            one.wait()
        answers = [
            json.loads(Path(scratch, str(number), "answer.json").read_text())
            for number in range(jobs)
        ]
    if any(answer["unknown"] or answer["code"] for answer in answers):
        raise SystemExit(f"{name}: the floor's own pytest failed, or does not know all tests")
    return {
        "seconds": round(max(answer["seconds"] for answer in answers), 3),
        "tests": sum(map(len, plan["tests"])),
    }


def rust_floor(name: str, jobs: int) -> dict[str, Any]:
    """
    From the median start of a test program, and the median run of all of its tests in one.
    """
    told = json.loads((CACHE / NAME / f"{name}.json").read_text())
    plan = json.loads((CACHE / NAME / f"{name}.plan").read_text())
    tree, target = CACHE / NAME / f"{name}-built", CACHE / NAME / f"{name}-target"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(plan["tree"], tree, symlinks=True)
    words = [*COMMANDS[name].split(), "--no-run", "--message-format=json"]
    built = subprocess.run(
        [*words, "--target-dir", target], cwd=tree, capture_output=True, text=True, check=True
    )
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    programs = [one["executable"] for one in messages if one.get("executable")]
    start_s = middle(_seconds([programs[0], "--exact", "no such test"], tree))
    whole_s = sum(middle(_seconds([one, "--test-threads=1"], tree)) for one in programs)
    a_test_s = max(0.0, whole_s - start_s * len(programs)) / max(1, told["green"])
    ran = [row["ran"] for row in told["verdicts"] if row["ran"]]
    seconds = (len(ran) * start_s + sum(ran) * a_test_s) / jobs
    return {"seconds": round(seconds, 3), "tests": sum(ran), "start_ms": round(1000 * start_s, 2)}


def _seconds(command: list[str], tree: Path) -> list[float]:
    taken = []
    for _ in range(_TIMES):
        started = time.monotonic()
        subprocess.run(command, cwd=tree, capture_output=True, check=True)
        taken.append(time.monotonic() - started)
    return taken


HEADINGS = (
    "subject", "mutants", "tests run", "tests of the floor", "ours s", "without hangs s",
    "floor s", "over the floor", "without hangs",
)  # fmt: skip


def markdown(out: Path) -> str:
    runs = Record.open(out, NAME).runs
    rows = []
    for key in dict.fromkeys(run["key"].partition(", ")[0] for run in runs):
        own, floor = (
            [run for run in runs if run["key"].startswith(f"{key}, {side} #")]
            for side in ("ours", "floor")
        )
        if not own or len(own) != len(floor):
            continue
        pairs = list(zip(own, floor, strict=True))
        rows.append([
            key, own[0]["mutants"], own[0]["ran"], floor[0]["tests"],
            f"{median(own, 'seconds'):.2f}", f"{median(own, 'less_hangs_s'):.2f}",
            f"{median(floor, 'seconds'):.2f}",
            *(
                f"{middle(one[part] / limit['seconds'] for one, limit in pairs):.2f}"
                for part in ("seconds", "less_hangs_s")
            ),
        ])  # fmt: skip
    return table(HEADINGS, rows)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("subjects", nargs="*", default=["toolz", "strsim-rs", "semver"])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--from", dest="pattern", default=FROM)
    arguments = parser.parse_args()
    record = Record.open(arguments.out, NAME)
    for name in arguments.subjects:
        tree = CACHE / NAME / name
        if not tree.is_dir():
            clone(name, tree, arguments.pattern)
        if name == "toolz":  # it asks for the version of an installed toolz
            Path(tree, "toolz/tests/test_package.py").unlink(missing_ok=True)
        floor = rust_floor if COMMANDS[name].startswith("cargo") else python_floor
        call = (name, tree, arguments.sample, arguments.jobs)
        sides = {
            f"{name}, ours": lambda _, call=call: ours(*call),
            f"{name}, floor": lambda _, floor=floor, name=name: floor(name, arguments.jobs),
        }
        in_turn(record, arguments.runs, sides)
    print("\n" + markdown(arguments.out))


if __name__ == "__main__":
    sys.exit(main())
