"""
100, 1,000 and 10,000 mutants of one repository: seconds and peak memory.

    python bench/growth.py [SEED] [--counts 100 1000 10000] [--jobs 2]

`parent` is the process that holds the mutants and their verdicts; `all` the highest sum over it
and all that it started, pages that several of them share counted once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import _engine
from _common import CACHE, Record, options, table
from _sources import sdist

if TYPE_CHECKING:
    from pathlib import Path

NAME = "growth"
SUBJECT = ("networkx", "3.6.1")
# A part of its suite; still over 10,000 sites are reached. Not on Python 3.11, see long_suite.py.
PARTS = ("shortest_paths", "components", "flow", "tests")
OPTIONS = [
    *("--paths", "networkx/algorithms/**", "--python", "3.12", "--test-command"),
    "python -m pytest " + " ".join(f"networkx/algorithms/{part}" for part in PARTS),
]


def measure(seed: Path | str, count: int, jobs: int, more: list[str]) -> dict[str, Any]:
    taken, told = _engine.run_engine(
        seed, CACHE / NAME / "verdicts.json", "--sample", count, "--jobs", jobs, *more,
        watch_memory=True,
    )  # fmt: skip
    row = _engine.figures(taken, told)
    return {
        **{key: row[key] for key in ("seconds", "cpu_s", "mutants", "screening_s", "stages")},
        "sites": told["sites"],
        "parent_mb": round(told["parent_mb"], 1),
        "all_mb": round(taken.memory_mb, 1),
    }


HEADINGS = (
    "mutants", "whole s", "screening s", "ms a mutant", "CPU s", "parent MB", "all MB",
)  # fmt: skip


def markdown(out: Path) -> str:
    runs = sorted(Record.open(out, NAME).runs, key=lambda run: run["mutants"])
    return table(
        HEADINGS,
        [
            [
                run["mutants"], f"{run['seconds']:.1f}", f"{run['screening_s']:.1f}",
                f"{1000 * run['screening_s'] / run['mutants']:.1f}", f"{run['cpu_s']:.0f}",
                f"{run['parent_mb']:.0f}", f"{run['all_mb']:.0f}",
            ]
            for run in runs
        ],
    )  # fmt: skip


def main() -> None:
    parser = options(__doc__, runs=1)
    parser.add_argument("seed", nargs="?")
    parser.add_argument("--counts", type=int, nargs="*", default=[100, 1000, 10000])
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    seed = arguments.seed or sdist(*SUBJECT)
    more = [] if arguments.seed else OPTIONS
    record = Record.open(arguments.out, NAME)
    _engine.run_engine(seed, CACHE / NAME / "warm.json", "--sample", 1, *more)
    for count in arguments.counts:
        call = (seed, count, arguments.jobs, more)
        record.once(f"{count} mutants", lambda call=call: measure(*call))
    print("\n" + markdown(arguments.out))


if __name__ == "__main__":
    main()
