"""
Our engine as a side of a comparison: one timed process, its verdicts read back.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _common import CACHE
from _timed import Taken, timed

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCRIPT = Path(__file__).with_name("_screening.py")
_NOTICED = {"failed", "error", "crashed", "timeout"}


def run_engine(
    seed: Path | str, out: Path, *more: object, cache: str = "engine", watch_memory: bool = False
) -> tuple[Taken, dict[str, Any]]:
    """
    The whole run from a started interpreter to the last verdict, and what it wrote.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, _SCRIPT, seed, "--verdicts", out, "--cache", CACHE / cache, *more]
    taken = timed(command, watch_memory=watch_memory)
    return taken, json.loads(out.read_text())


def warm_up(seed: Path | str, mutants: Path, *more: object) -> None:
    """
    The environment and compiled files, so that no measured run pays for them.
    """
    first = mutants.with_suffix(".first.json")
    first.write_text(json.dumps(json.loads(mutants.read_text())[:1]))
    run_engine(seed, mutants.with_suffix(".warm.json"), "--mutants", first, *more)


def is_noticed(row: dict[str, Any]) -> bool:
    """
    Whether a verdict counts as killed: a test fails or hangs, or none can be run any more.
    """
    return bool(_NOTICED & set(row["failing"].values())) or row["end"] != "completed"


def figures(taken: Taken, told: dict[str, Any]) -> dict[str, Any]:
    """
    One run as a record's row; `hung_share` is of the time in mutants.
    """
    rows = told["verdicts"]
    in_mutants = sum(row["seconds"] for row in rows)
    return {
        **taken.figures(),
        "mutants": len(rows),
        "screening_s": told["stages"].get("screening", 0.0),
        "stages": told["stages"],
        "noticed": sum(map(is_noticed, rows)),
        "hanging": sum("timeout" in row["failing"].values() for row in rows),
        "hung_share": round(sum(row["hung_s"] for row in rows) / max(in_mutants, 1e-9), 4),
        "ran": sum(row["ran"] for row in rows),
        "lanes": _counts([row["lane"] for row in rows]),
    }


def _counts(words: Sequence[str]) -> dict[str, int]:
    return {word: words.count(word) for word in sorted(set(words))}


def disagreements(ours: dict[str, Any], peer: dict[str, bool]) -> list[str]:
    """
    Names of mutants that one side notices and the other does not.
    """
    return [
        row["name"]
        for row in ours["verdicts"]
        if row["name"] in peer and is_noticed(row) != peer[row["name"]]
    ]


def settled(
    seed: Path | str, mutants: Path, names: Sequence[str], *more: object
) -> dict[str, dict[str, Any]]:
    """
    What a plain run of the whole suite says of the mutants of which two engines disagree.
    """
    if not names:
        return {}
    chosen = mutants.with_suffix(".settle.json")
    listed = json.loads(mutants.read_text())
    chosen.write_text(json.dumps([one for one in listed if one["name"] in names]))
    out = mutants.with_suffix(".settled.json")
    _, told = run_engine(seed, out, "--mutants", chosen, "--engine", "plain", *more)
    return {row["name"]: row for row in told["verdicts"]}
