"""
mutmut as a side of a comparison: its folder set up, its run timed, its verdicts read.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import peers
from _timed import Taken, timed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EXPORT = Path(__file__).with_name("_mutmut_export.py")
_SURVIVED, _NO_TESTS, _TIMEOUTS = 0, (5, 33), (-24, 24, 36, 152, 255)  # mutmut/stats.py


def configure(tree: Path, settings: Mapping[str, Sequence[str]]) -> None:
    """
    Append mutmut's table to a tree's pyproject.toml.
    """
    lines = [f"{key} = {json.dumps(list(value))}" for key, value in settings.items()]
    with (tree / "pyproject.toml").open("a") as text:
        text.write("\n".join(["", "[tool.mutmut]", *lines, ""]))


def export(tree: Path, into: Path, python: str = peers.PYTHON) -> list[dict[str, Any]]:
    """
    mutmut's own mutants of a configured tree, as byte edits.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    timed([peers.home("mutmut", python) / "bin/python", _EXPORT, into.absolute()], cwd=tree)
    return json.loads(into.read_text())


def run_mutmut(
    tree: Path, children: int, names: Sequence[str] = (), python: str = peers.PYTHON
) -> tuple[Taken, dict[str, Any]]:
    """
    One run from nothing, and each mutant's exit code and seconds.
    """
    shutil.rmtree(tree / "mutants", ignore_errors=True)
    program = peers.home("mutmut", python) / "bin/mutmut"
    taken = timed([program, "run", "--max-children", children, *names], cwd=tree)
    codes: dict[str, int | None] = {}
    seconds: dict[str, float] = {}
    for path in sorted(tree.glob("mutants/**/*.meta")):
        plain = json.loads(path.read_text())
        codes.update(plain["exit_code_by_key"])
        seconds.update(plain["durations_by_key"])
    known = set(names) or set(codes)
    codes = {name: code for name, code in codes.items() if name in known}
    return taken, {"codes": codes, "seconds": seconds, "made_s": _making_s(taken.stdout)}


def _making_s(told: str) -> float:
    """
    Seconds that mutmut took to make its mutants; ours are given to us.
    """
    found = re.search(r"done in (\d+)ms \(\d+ files mutated", told)
    return int(found[1]) / 1000 if found else 0.0


def verdicts(told: Mapping[str, Any]) -> dict[str, bool]:
    """
    Whether each mutant was noticed.
    """
    unnoticed = (_SURVIVED, *_NO_TESTS)
    return {name: code not in unnoticed for name, code in told["codes"].items()}


def figures(taken: Taken, told: Mapping[str, Any]) -> dict[str, Any]:
    codes, seconds = told["codes"], told["seconds"]
    hanging = [name for name, code in codes.items() if code in _TIMEOUTS]
    total = sum(seconds.get(name) or 0.0 for name in codes)
    hung = sum(seconds.get(name) or 0.0 for name in hanging)
    return {
        **taken.figures(),
        "mutants": len(codes),
        "less_making_s": round(taken.seconds - told["made_s"], 3),
        "noticed": sum(verdicts(told).values()),
        "hanging": len(hanging),
        "hung_share": round(hung / max(total, 1e-9), 4),
    }
