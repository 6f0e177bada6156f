"""
What every benchmark shares: records that can be resumed, runs in turn, medians, tables.

A script of bench/ takes `--out DIR` and `--runs N`; what it measured stands in DIR/NAME.json, and
what stands there is not measured again. Delete the file, or name another folder, to start anew.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _timed import clock_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cab-bench"
ROOT = Path(__file__).parents[1]


@dataclass(slots=True)
class Record:
    """
    One benchmark's results: `runs` are told apart by their `key`; written after each of them.
    """

    path: Path
    runs: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def open(cls, out: Path, name: str) -> Record:
        path = out / f"{name}.json"
        kept = json.loads(path.read_text())["runs"] if path.is_file() else []
        return cls(path, kept)

    def once(self, key: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """
        What stands under a key; measured now if nothing does.
        """
        for run in self.runs:
            if run["key"] == key:
                return run
        load = os.getloadavg()[0]
        run = {"key": key, **measure(), "load_before": round(load, 2)}
        self.runs.append(run)
        self.save()
        print(f"{key}: {_brief(run)}", flush=True)
        return run

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".partial")
        text = json.dumps({"machine": machine(), "runs": self.runs}, indent=1, sort_keys=True)
        beside.write_text(text + "\n")
        beside.replace(self.path)


def _brief(run: Mapping[str, Any]) -> str:
    shown = {key: value for key, value in run.items() if isinstance(value, (int, float, str))}
    return ", ".join(f"{key} {value}" for key, value in shown.items() if key != "key")


def in_turn(
    record: Record,
    runs: int,
    sides: Mapping[str, Callable[[dict[str, dict[str, Any]]], dict[str, Any]]],
) -> dict[str, list[dict[str, Any]]]:
    """
    Each side once, then each again, `runs` times; the machine's moods then meet all of them.

    A side is given what the others of its round have found so far.
    """
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    for number in range(1, runs + 1):
        so_far: dict[str, dict[str, Any]] = {}
        for side, measure in sides.items():
            call = functools.partial(measure, so_far)
            so_far[side] = record.once(f"{side} #{number}", call)
            found[side].append(so_far[side])
    return found


def median(runs: Iterable[Mapping[str, Any]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def median_ratio(one: Sequence[Mapping], other: Sequence[Mapping], name: str) -> float:
    """
    The median of the ratios of runs made one after the other.
    """
    return statistics.median(a[name] / b[name] for a, b in zip(one, other, strict=True))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def machine() -> dict[str, Any]:
    model = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "cores": os.cpu_count(),
        "processor": model[0] if model else platform.processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cpu_time_by": clock_kind(),
    }


def options(doc: str | None, *, runs: int = 3) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=runs, help="rounds, in turn")
    parser.add_argument("--out", type=Path, default=CACHE / "results", help="folder of records")
    return parser
