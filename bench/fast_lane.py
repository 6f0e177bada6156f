"""
The fast lane's reach: the share of sites that are decided without the slow lane or a plain run.

    python bench/fast_lane.py [NAME…] [--sample 150] [--jobs 2] [--from PATTERN]

Over eight repositories that differ. Sites are of our own operators on lines that tests reach,
drawn at random with a fixed seed. The environment's time is told apart.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import _engine
from _common import CACHE, Record, options, table
from _sources import FROM, clone, sdist

NAME = "fast-lane"
PYTHON = "3.12"  # before it, tracing lines takes minutes on the largest
BASELINE = "running the seed's own suite"
# What each is here for; a version where it is a package, and the part of a long suite to run.
SUBJECTS: dict[str, tuple[str, str, str]] = {
    "toolz": ("curried and cached functions", "", "python -m pytest toolz"),
    "tinydb": ("classes, a cache, files", "", ""),
    "humanize": ("plain functions, translations", "", ""),
    "asgiref": ("async, threads", "3.13.0", ""),
    "tenacity": ("decorators, threads, async", "9.2.1", ""),
    "markupsafe": ("a C extension", "3.0.4", ""),
    "dacite": ("dataclasses", "", ""),
    "networkx": (
        "over 50,000 lines", "3.6.1",
        "python -m pytest networkx/algorithms/flow networkx/algorithms/components",
    ),
}  # fmt: skip


def tree_of(name: str, pattern: str) -> Path:
    version = SUBJECTS[name][1]
    if version:
        return sdist(name, version)
    tree = CACHE / NAME / name
    if not tree.is_dir():
        clone(name, tree, pattern)
        if name == "toolz":  # it asks for the version of an installed toolz
            Path(tree, "toolz/tests/test_package.py").unlink()
    return tree


def measure(name: str, tree: Path, sample: int, jobs: int) -> dict[str, Any]:
    command = SUBJECTS[name][2]
    more = ["--python", PYTHON, *(["--test-command", command] if command else [])]
    cache = f"{NAME}-{name}"  # an environment of its own, so that its time can be told
    shutil.rmtree(CACHE / cache, ignore_errors=True)
    _, first = _engine.run_engine(
        tree, CACHE / NAME / "first.json", "--sample", 1, *more, cache=cache
    )
    taken, told = _engine.run_engine(
        tree, CACHE / NAME / f"{name}.json", "--sample", sample, "--jobs", jobs, *more, cache=cache
    )
    row = _engine.figures(taken, told)
    return {
        **{key: row[key] for key in ("seconds", "cpu_s", "mutants", "stages", "lanes", "noticed")},
        "what": SUBJECTS[name][0],
        "lines": told["lines"],
        "sites": told["sites"],
        "green": told["green"],
        "environment_s": round(first["stages"]["building the environment"], 1),
        "why": _reasons(told["verdicts"]),
    }


def _reasons(rows: list[dict[str, Any]]) -> dict[str, int]:
    """
    What the engine says of those that it did not decide in its fast lane.
    """
    told = [f"{row['lane']}: {row['detail'][:80]}" for row in rows if row["lane"] != "fast"]
    return {reason: told.count(reason) for reason in sorted(set(told))}


HEADINGS = (
    "repository", "here for", "lines", "sites", "tried", "fast", "slow", "plain", "share fast",
    "environment s", "baseline s", "ms a mutant",
)  # fmt: skip


def markdown(out: Path) -> str:
    rows: list[list[object]] = []
    for run in Record.open(out, NAME).runs:
        lanes, stages = run["lanes"], run["stages"]
        rows.append([
            run["key"], run["what"], run["lines"], run["sites"], run["mutants"],
            *(lanes.get(lane, 0) for lane in ("fast", "slow", "plain")),
            f"{lanes.get('fast', 0) / run['mutants']:.0%}", run["environment_s"],
            f"{stages.get(BASELINE, 0.0):.1f}",
            f"{1000 * stages['screening'] / run['mutants']:.0f}",
        ])  # fmt: skip
    return table(HEADINGS, rows)


def main() -> None:
    parser = options(__doc__, runs=1)
    parser.add_argument("subjects", nargs="*", default=list(SUBJECTS))
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--from", dest="pattern", default=FROM)
    arguments = parser.parse_args()
    record = Record.open(arguments.out, NAME)
    for name in arguments.subjects:
        tree = tree_of(name, arguments.pattern)
        call = (name, tree, arguments.sample, arguments.jobs)
        record.once(name, lambda call=call: measure(*call))
    runs = record.runs
    fast = sum(run["lanes"].get("fast", 0) for run in runs)
    print("\n" + markdown(arguments.out))
    print(f"\n{fast / sum(run['mutants'] for run in runs):.1%} of all tried in the fast lane")


if __name__ == "__main__":
    main()
