"""
cargo-mutants' own mutants through cargo-mutants and through our fast engine, in turn.

    python bench/rust_vs_cargo_mutants.py [strsim-rs semver predicates-rs] [--runs 3]
        [--shard 0/8] [--from PATTERN]

Both with two jobs, no doc tests, and the same time limit a mutant; whole runs, from a built
baseline. Without hanging mutants: both again on the mutants that hang on neither side, from the
seconds that each side reports for a mutant.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import _cargo_mutants
import _engine
import peers
from _common import CACHE, Record, in_turn, median, median_ratio, options, table
from _sources import FROM, clone

if TYPE_CHECKING:
    from pathlib import Path

NAME = "rust-vs-cargo-mutants"
SUBJECTS = ("strsim-rs", "semver", "predicates-rs")
JOBS = 2
LIMIT_S = 20
TESTS = ("--lib", "--tests")  # no doc tests


class Pair:
    """
    One crate for both sides: two clones, and cargo-mutants' list as byte edits.
    """

    def __init__(self, name: str, work: Path, pattern: str, shard: str) -> None:
        shards = ("--shard", shard) if shard else ()
        self._options = ("--timeout", LIMIT_S, *shards)
        self.trees = {side: work / f"{name}-{side}" for side in ("peer", "ours")}
        for tree in self.trees.values():
            if not tree.is_dir():
                clone(name, tree, pattern)
        self.mutants = work / f"{name}-mutants.json"
        self._out = work / f"{name}-out"
        self._command = " ".join(("cargo test", *TESTS))
        self.mutants.write_text(
            json.dumps(_cargo_mutants.listed(self.trees["peer"], shards), indent=1)
        )

    def peer(self) -> dict[str, Any]:
        taken, told = _cargo_mutants.run(
            self.trees["peer"], self._out, (*self._options, "--jobs", JOBS), TESTS
        )
        return _cargo_mutants.figures(taken, told)

    def ours(self, peer: dict[str, Any]) -> dict[str, Any]:
        # A library's lock file is not in its repository; ours is beside the environment.
        taken, told = _engine.run_engine(
            self.trees["ours"], self._out.with_suffix(".verdicts"), "--mutants", self.mutants,
            "--jobs", JOBS, "--test-command", self._command, "--timeout", LIMIT_S,
        )  # fmt: skip
        rows = {row["name"]: row for row in told["verdicts"]}
        refused = [name for name, row in rows.items() if _word(row) == "unviable"]
        return {
            **_engine.figures(taken, told),
            "unviable": len(refused),
            "noticed": sum(map(_engine.is_noticed, rows.values())) - len(refused),
            "differ": self._settled(_differ(rows, peer["told"])),
            **_without_hangs(rows, peer["told"]),
        }

    def _settled(self, differ: list[list[str]]) -> list[list[str]]:
        """
        To each disagreement, what a plain run of the whole suite says.
        """
        names = [name for name, *_ in differ]
        command = ("--test-command", self._command, "--timeout", LIMIT_S)
        plain = _engine.settled(self.trees["ours"], self.mutants, names, *command)
        return [[*row, _word(plain[row[0]])] for row in differ]


def _word(row: dict[str, Any]) -> str:
    # A build over the time limit is not a hanging test: cargo-mutants calls it unviable, too.
    if row["end"] == "build_failed" or row["detail"].startswith("the build ended"):
        return "unviable"
    return "noticed" if _engine.is_noticed(row) else "missed"


def _differ(rows: dict[str, dict], peer: dict[str, dict]) -> list[list[str]]:
    theirs = {name: _cargo_mutants.word(one) for name, one in peer.items()}
    return [
        [name, _word(row), theirs[name]]
        for name, row in rows.items()
        if name in theirs and _word(row) != theirs[name]
    ]


def _without_hangs(rows: dict[str, dict], peer: dict[str, dict]) -> dict[str, float]:
    """
    Sums over the mutants that hang on neither side: seconds of work, not of waiting for a worker.
    """
    calm = [
        name
        for name, row in rows.items()
        if name in peer
        and peer[name]["summary"] != _cargo_mutants.TIMEOUT
        and "timeout" not in row["failing"].values()
    ]
    return {
        "calm": len(calm),
        "calm_s": round(sum(rows[name]["seconds"] for name in calm), 3),
        "calm_peer_s": round(sum(peer[name]["seconds"] for name in calm), 3),
    }


HEADINGS = (
    "crate", "mutants", "cargo-mutants s", "ours s", "times faster", "times less CPU",
    "mutants that hang", "times faster without them", "noticed by each", "unviable by each",
    "verdicts that differ",
)  # fmt: skip


def rows_of(name: str, peer: list[dict], own: list[dict]) -> list[object]:
    last, theirs = own[-1], peer[-1]
    # Builds and baseline of ours are shared by all mutants: they count in full.
    fixed = [run["seconds"] - run["screening_s"] for run in own]
    calm = [
        {"s": run["calm_peer_s"] / JOBS, "own": run["calm_s"] / JOBS + part}
        for run, part in zip(own, fixed, strict=True)
    ]
    return [
        name, last["mutants"], f"{median(peer, 'seconds'):.0f}", f"{median(own, 'seconds'):.1f}",
        f"{median_ratio(peer, own, 'seconds'):.1f}", f"{median_ratio(peer, own, 'cpu_s'):.1f}",
        f"{theirs['hanging']} / {last['hanging']}",
        f"{sorted(one['s'] / one['own'] for one in calm)[len(calm) // 2]:.1f}",
        f"{theirs['noticed']} / {last['noticed']}", f"{theirs['unviable']} / {last['unviable']}",
        len(last["differ"]),
    ]  # fmt: skip


def markdown(out: Path) -> str:
    record = Record.open(out, NAME)
    rows = []
    for name in dict.fromkeys(run["key"].partition(",")[0] for run in record.runs):
        peer, own = (
            [run for run in record.runs if run["key"].startswith(f"{name}, {side} #")]
            for side in ("cargo-mutants", "ours")
        )
        if peer and len(peer) == len(own):
            rows.append(rows_of(name, peer, own))
    return table(HEADINGS, rows)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("subjects", nargs="*", default=SUBJECTS)
    parser.add_argument("--shard", default="", help="a part of the mutants, as cargo-mutants does")
    parser.add_argument("--from", dest="pattern", default=FROM)
    arguments = parser.parse_args()
    peers.install("cargo-mutants")
    os.environ.pop("CARGO_TARGET_DIR", None)
    record = Record.open(arguments.out, NAME)
    for name in arguments.subjects:
        pair = Pair(name, CACHE / NAME, arguments.pattern, arguments.shard)
        _engine.warm_up(pair.trees["ours"], pair.mutants, "--test-command", pair._command)
        key = f"{name} {arguments.shard}".strip()
        sides = {
            f"{key}, cargo-mutants": lambda _, pair=pair: pair.peer(),
            f"{key}, ours": lambda done, pair=pair, key=key: pair.ours(
                done[f"{key}, cargo-mutants"]
            ),
        }
        in_turn(record, arguments.runs, sides)
    print("\n" + markdown(arguments.out))


if __name__ == "__main__":
    main()
