"""
cargo-mutants as a side of a comparison: its list as byte edits, its run timed, its verdicts read.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import peers
from _timed import Taken, timed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_FINE = (0, 2, 3)  # 2: mutants were missed, 3: some timed out; its book, "Exit codes"
MISSED, UNVIABLE, TIMEOUT = "MissedMutant", "Unviable", "Timeout"


def _program() -> Path:
    return peers.home("cargo-mutants") / "bin/cargo-mutants"


def listed(tree: Path, options: Sequence[object] = ()) -> list[dict[str, Any]]:
    """
    Its mutants of a tree, as byte edits.
    """
    command = [_program(), "mutants", "--list", "--json", *options]
    return [as_edits(one, tree) for one in json.loads(timed(command, cwd=tree).stdout)]


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


def run(
    tree: Path, out: Path, options: Sequence[object], tests: Sequence[str]
) -> tuple[Taken, dict[str, dict[str, Any]]]:
    """
    One whole run; each mutant's summary and seconds, by its name.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [_program(), "mutants", "--colors", "never", "--output", out, *options, "--", *tests]
    taken = timed(command, cwd=tree, fine=_FINE)
    outcomes = json.loads((out / "mutants.out/outcomes.json").read_text())["outcomes"]
    return taken, {
        one["scenario"]["Mutant"]["name"]: {
            "summary": one["summary"],
            "seconds": sum(phase["duration"] for phase in one["phase_results"]),
        }
        for one in outcomes
        if isinstance(one["scenario"], dict)  # else the word of its baseline
    }


def word(one: Mapping[str, Any]) -> str:
    return {MISSED: "missed", UNVIABLE: "unviable"}.get(one["summary"], "noticed")


def figures(taken: Taken, told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    words = [word(one) for one in told.values()]
    return {
        **taken.figures(),
        "mutants": len(told),
        "noticed": words.count("noticed"),
        "unviable": words.count("unviable"),
        "hanging": sum(one["summary"] == TIMEOUT for one in told.values()),
        "told": told,
    }
