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
import shutil
from typing import TYPE_CHECKING, Any

import _engine
import peers
from _common import CACHE, Record, in_turn, median, median_ratio, options, table
from _sources import FROM, clone
from _timed import timed

if TYPE_CHECKING:
    from pathlib import Path

NAME = "rust-vs-cargo-mutants"
SUBJECTS = ("strsim-rs", "semver", "predicates-rs")
JOBS = 2
LIMIT_S = 20
TESTS = ("--lib", "--tests")  # no doc tests
_FINE = (0, 2, 3)  # mutants were missed, mutants timed out: cargo-mutants, exit codes
_MISSED, _UNVIABLE, _TIMEOUT = "MissedMutant", "Unviable", "Timeout"


class Pair:
    """
    One crate for both sides: two clones, and cargo-mutants' list as byte edits.
    """

    def __init__(self, name: str, work: Path, pattern: str, shard: str) -> None:
        self._program = peers.home("cargo-mutants") / "bin/cargo-mutants"
        self._shard = ["--shard", shard] if shard else []
        self.trees = {side: work / f"{name}-{side}" for side in ("peer", "ours")}
        for tree in self.trees.values():
            if not tree.is_dir():
                clone(name, tree, pattern)
        self.mutants = work / f"{name}-mutants.json"
        self._out = work / f"{name}-out"
        self._command = " ".join(("cargo test", *TESTS))
        self._list()

    def _list(self) -> None:
        command = [self._program, "mutants", "--list", "--json", *self._shard]
        listed = json.loads(timed(command, cwd=self.trees["peer"]).stdout)
        plain = [as_edits(one, self.trees["peer"]) for one in listed]
        self.mutants.write_text(json.dumps(plain, indent=1))

    def peer(self) -> dict[str, Any]:
        shutil.rmtree(self._out, ignore_errors=True)
        command = [
            self._program, "mutants", "--jobs", JOBS, "--timeout", LIMIT_S, "--output", self._out,
            "--colors", "never", *self._shard, "--", *TESTS,
        ]  # fmt: skip
        self._out.mkdir(parents=True)
        taken = timed(command, cwd=self.trees["peer"], fine=_FINE)
        outcomes = json.loads((self._out / "mutants.out/outcomes.json").read_text())["outcomes"]
        told = {
            one["scenario"]["Mutant"]["name"]: {
                "summary": one["summary"],
                "seconds": sum(phase["duration"] for phase in one["phase_results"]),
            }
            for one in outcomes
            if isinstance(one["scenario"], dict)
        }
        words = [one["summary"] for one in told.values()]
        return {
            **taken.figures(),
            "mutants": len(told),
            "noticed": len(told) - words.count(_MISSED) - words.count(_UNVIABLE),
            "unviable": words.count(_UNVIABLE),
            "hanging": words.count(_TIMEOUT),
            "told": told,
        }

    def ours(self, peer: dict[str, Any]) -> dict[str, Any]:
        # A library's lock file is not in its repository; ours is beside the environment.
        taken, told = _engine.run_engine(
            self.trees["ours"], self._out.with_suffix(".verdicts"), "--mutants", self.mutants,
            "--jobs", JOBS, "--test-command", self._command, "--timeout", LIMIT_S,
        )  # fmt: skip
        rows = {row["name"]: row for row in told["verdicts"]}
        refused = [name for name, row in rows.items() if row["end"] == "build_failed"]
        return {
            **_engine.figures(taken, told),
            "unviable": len(refused),
            "noticed": sum(map(_engine.is_noticed, rows.values())) - len(refused),
            "differ": _differ(rows, peer["told"]),
            **_without_hangs(rows, peer["told"]),
        }


def as_edits(listed: dict[str, Any], tree: Path) -> dict[str, Any]:
    """
    One entry of `cargo mutants --list --json` as a byte edit of its file.
    """
    lines = (tree / listed["file"]).read_bytes().decode().splitlines(keepends=True)

    def offset(place: dict[str, int]) -> int:
        before = (
            "".join(lines[: place["line"] - 1]) + lines[place["line"] - 1][: place["column"] - 1]
        )
        return len(before.encode())

    start, end = offset(listed["span"]["start"]), offset(listed["span"]["end"])
    old = "".join(lines).encode()[start:end].decode()
    return {
        "name": listed["name"],
        "path": listed["file"],
        "edits": [[start, old, listed["replacement"]]],
    }


def _word(row: dict[str, Any]) -> str:
    if row["end"] == "build_failed":
        return "unviable"
    return "noticed" if _engine.is_noticed(row) else "missed"


def _differ(rows: dict[str, dict], peer: dict[str, dict]) -> list[list[str]]:
    words = {_MISSED: "missed", _UNVIABLE: "unviable"}
    theirs = {name: words.get(one["summary"], "noticed") for name, one in peer.items()}
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
        and peer[name]["summary"] != _TIMEOUT
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
