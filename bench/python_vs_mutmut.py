"""
mutmut's own mutants through mutmut and through our fast engine, in turn.

    python bench/python_vs_mutmut.py [toolz parse] [--runs 3] [--workers 1 2] [--from PATTERN]

Wall and CPU seconds are of whole runs: mutmut's without the time in which it makes its mutants,
which are given to us; ours with our own baseline (three runs of the suite). mutmut stops at the
first failing test; ours gives the whole failing list, and once more stops at the first. Where
the two disagree of a mutant, a plain run of the whole suite tells who is right: what runs while a
module is imported, mutmut does not run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import _engine
import _mutmut
import peers
from _common import CACHE, Record, in_turn, median, median_ratio, options, table
from _sources import FROM, clone, committed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "python-vs-mutmut"
SETTINGS = {
    "toolz": {
        "source_paths": ["toolz"],
        "only_mutate": ["toolz/dicttoolz.py", "toolz/itertoolz.py", "toolz/functoolz.py"],
        "also_copy": ["tlz", "pyproject.toml"],
        "pytest_add_cli_args_test_selection": ["toolz"],
    },
    "parse": {
        "source_paths": ["parse.py"],
        "only_mutate": ["parse.py"],
        "pytest_add_cli_args_test_selection": ["tests"],
    },
}
# It asks for the version of an installed toolz, and mutmut's copy is not installed; options that
# measure coverage in every run.
LEFT_OUT = {"toolz": ["toolz/tests/test_package.py"], "parse": [".pytest.ini"]}
COMMANDS = {"toolz": "python -m pytest toolz", "parse": "python -m pytest tests"}


class Pair:
    """
    One subject for both sides: two clones, and the mutants.
    """

    def __init__(self, name: str, work: Path, pattern: str) -> None:
        self.name = name
        self.trees = {side: work / f"{name}-{side}" for side in ("mutmut", "ours")}
        self.mutants = work / f"{name}-mutants.json"
        self._out = work / f"{name}-verdicts.json"
        if not self.mutants.is_file():
            self._set_up(pattern)

    def _set_up(self, pattern: str) -> None:
        for tree in self.trees.values():
            if not tree.is_dir():
                clone(self.name, tree, pattern)
                for path in LEFT_OUT.get(self.name, ()):
                    (tree / path).unlink()
                if LEFT_OUT.get(self.name):
                    committed(tree, "Leave out what no side should run")
        _mutmut.configure(self.trees["mutmut"], SETTINGS[self.name])
        _mutmut.export(self.trees["mutmut"], self.mutants)
        _engine.warm_up(self.trees["ours"], self.mutants, "--test-command", COMMANDS[self.name])

    def peer(self, workers: int) -> dict[str, Any]:
        taken, told = _mutmut.run_mutmut(self.trees["mutmut"], workers)
        return {**_mutmut.figures(taken, told), "verdicts": _mutmut.verdicts(told)}

    def ours(self, workers: int, peer: dict[str, Any], *more: str) -> dict[str, Any]:
        taken, told = _engine.run_engine(
            self.trees["ours"], self._out, "--mutants", self.mutants, "--jobs", workers,
            "--test-command", COMMANDS[self.name], *more,
        )  # fmt: skip
        names = _engine.disagreements(told, peer["verdicts"])
        command = ("--test-command", COMMANDS[self.name])
        plain = _engine.settled(self.trees["ours"], self.mutants, names, *command)
        return {
            **_engine.figures(taken, told),
            "disagree": names,
            "plain_is_with_us": [
                name for name in names if _engine.is_noticed(plain[name]) != peer["verdicts"][name]
            ],
        }

    def sides(self, workers: int) -> dict[str, Callable[..., dict[str, Any]]]:
        key = f"{self.name}, {workers} workers"
        peer = f"{key}, mutmut"
        return {
            peer: lambda _: self.peer(workers),
            f"{key}, whole list": lambda done: self.ours(workers, done[peer]),
            f"{key}, first flip": lambda done: self.ours(workers, done[peer], "--first-flip"),
        }


HEADINGS = (
    "subject", "workers", "side", "mutants", "s", "CPU s", "mutants/s", "noticed", "hang",
    "of time in hangs", "times faster", "times less CPU", "disagree",
    "where a plain run is with us",
)  # fmt: skip


def rows(found: dict[str, list[dict[str, Any]]]) -> list[list[object]]:
    """
    Medians of each side; ratios are medians of neighbouring runs' ratios.
    """
    peer = next(iter(found.values()))
    out: list[list[object]] = []
    for side, runs in found.items():
        subject, workers, what = side.split(", ")
        wall = "less_making_s" if runs is peer else "seconds"
        seconds = median(runs, wall)
        paired = [{"wall": run["less_making_s"], "cpu_s": run["cpu_s"]} for run in peer]
        own = [{"wall": run[wall], "cpu_s": run["cpu_s"]} for run in runs]
        out.append([
            subject, workers.split()[0], what, runs[0]["mutants"], f"{seconds:.1f}",
            f"{median(runs, 'cpu_s'):.1f}", f"{runs[0]['mutants'] / seconds:.1f}",
            median(runs, "noticed"), median(runs, "hanging"),
            f"{median(runs, 'hung_share'):.0%}", f"{median_ratio(paired, own, 'wall'):.1f}",
            f"{median_ratio(paired, own, 'cpu_s'):.1f}",
            *(
                max(len(run.get(key, ())) for run in runs)
                for key in ("disagree", "plain_is_with_us")
            ),
        ])  # fmt: skip
    return out


def markdown(out: Path) -> str:
    """
    The table of what stands in the records.
    """
    by_side: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for run in Record.open(out, NAME).runs:
        side = run["key"].rpartition(" #")[0]
        by_side.setdefault(side.rpartition(", ")[0], {}).setdefault(side, []).append(run)
    complete = [group for group in by_side.values() if len(set(map(len, group.values()))) == 1]
    return table(HEADINGS, [row for group in complete for row in rows(group)])


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("subjects", nargs="*", default=list(SETTINGS))
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--from", dest="pattern", default=FROM)
    arguments = parser.parse_args()
    peers.install("mutmut")
    record = Record.open(arguments.out, NAME)
    for name in arguments.subjects:
        pair = Pair(name, CACHE / "python-vs-mutmut", arguments.pattern)
        for workers in arguments.workers:
            in_turn(record, arguments.runs, pair.sides(workers))
    print("\n" + markdown(arguments.out))


if __name__ == "__main__":
    main()
