"""
What the fast engine says of a mutant against a plain run of the whole suite, test by test.

    python bench/warm_cold.py [toolz semver …] [--sample 250] [--jobs 2] [--from PATTERN]

Mutants are of our own operators, drawn at random with a fixed seed. Every disagreement is kept in
the record and printed: which mutant, which test, and what either run says of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import _engine
from _common import CACHE, Record, options, table
from _sources import FROM, REPOSITORIES, clone

if TYPE_CHECKING:
    from pathlib import Path

NAME = "warm-cold"
SUBJECTS = ("toolz", "parse", "tinydb", "strsim-rs", "semver", "predicates-rs")
RUST = ("strsim-rs", "semver", "predicates-rs")


def compare(name: str, tree: Path, work: Path, sample: int, jobs: int) -> dict[str, Any]:
    draw = ("--sample", sample, "--jobs", jobs)
    warm, told = _engine.run_engine(tree, work / f"{name}-warm.json", *draw)
    rows = told["verdicts"]
    same = work / f"{name}-mutants.json"
    same.write_text(
        json.dumps(
            [
                {"name": row["fingerprint"], "path": row["at"].split(":")[0], "edits": row["edits"]}
                for row in rows
            ]
        )
    )
    cold, plain = _engine.run_engine(
        tree, work / f"{name}-cold.json", "--engine", "plain", "--mutants", same, "--jobs", jobs
    )
    pairs = list(zip(rows, plain["verdicts"], strict=True))
    unseen = set(told["unseen"])
    differ = [found for ours, theirs in pairs if (found := difference(ours, theirs, unseen))]
    return {
        "language": "rust" if name in RUST else "python",
        "mutants": len(pairs),
        "agree": len(pairs) - len(differ),
        "noticed": sum(map(_engine.is_noticed, rows)),
        "warm_s": round(warm.seconds, 1),
        "cold_s": round(cold.seconds, 1),
        "lanes": _engine.figures(warm, told)["lanes"],
        "differ": differ,
    }


def difference(warm: dict, cold: dict, unseen: set[str]) -> dict[str, Any] | None:
    """
    None where both runs fail the same tests in the same way, or both could not build or collect.
    """
    ours, plain = (
        {test: how for test, how in row["failing"].items() if test not in unseen}
        for row in (warm, cold)
    )
    if warm["end"] == cold["end"] and ours == plain:
        return None
    tests = {
        test: [ours.get(test, "passed"), plain.get(test, "passed")]
        for test in sorted({*ours, *plain})
        if ours.get(test) != plain.get(test)
    }
    return {
        "at": warm["at"],
        "mutator": warm["name"],
        "lane": warm["lane"],
        "ends": [warm["end"], cold["end"]],
        "same_tests": set(ours) == set(plain),
        "tests": dict(list(tests.items())[:10]),
        "more_tests": max(0, len(tests) - 10),
        "edits": warm["edits"],
        "detail": [warm["detail"], cold["detail"]],
    }


HEADINGS = (
    "language", "repository", "mutants", "agree", "share", "same tests, other outcome",
    "other tests", "warm s", "cold s",
)  # fmt: skip


def markdown(out: Path) -> str:
    rows: list[list[object]] = []
    runs = sorted(Record.open(out, NAME).runs, key=lambda run: run["language"])
    for run in runs:
        same = sum(one["same_tests"] for one in run["differ"])
        rows.append([
            run["language"], run["key"], run["mutants"], run["agree"],
            f"{run['agree'] / run['mutants']:.1%}", same, len(run["differ"]) - same,
            run["warm_s"], run["cold_s"],
        ])  # fmt: skip
    return table(HEADINGS, rows)


def listed(out: Path) -> str:
    """
    Every disagreement, a line each.
    """
    lines = [
        f"- {run['key']} {one['at']} {one['mutator']} ({one['lane']}): {one['ends']} {one['tests']}"
        for run in Record.open(out, NAME).runs
        for one in run["differ"]
    ]
    return "\n".join(lines) or "No disagreement."


def main() -> None:
    parser = options(__doc__, runs=1)
    parser.add_argument("subjects", nargs="*", default=SUBJECTS)
    parser.add_argument("--sample", type=int, default=250)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--from", dest="pattern", default=FROM)
    arguments = parser.parse_args()
    record = Record.open(arguments.out, NAME)
    for name in arguments.subjects:
        tree = CACHE / NAME / name
        if not tree.is_dir() and name in REPOSITORIES:
            clone(name, tree, arguments.pattern)
        one = (name, tree, CACHE / NAME, arguments.sample, arguments.jobs)
        record.once(name, lambda one=one: compare(*one))
    print("\n" + markdown(arguments.out) + "\n\n" + listed(arguments.out))


if __name__ == "__main__":
    main()
