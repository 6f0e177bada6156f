"""
generate and validate on repositories that nobody here wrote; prints the table of benchmarks.md.

    python bench/real_repos.py --count 25 --out /tmp/real NAME=PATH_OR_URL …

Sites, trials by outcome (all sampled mutants on lines that tests reach, nothing left out), valid
tasks, seconds, what `validate` then says, distinct tasks per 1,000 lines and per core-hour.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from mutators.base import STATE

CAB = [sys.executable, "-m", "cab_tasks"]
# What `make bench` takes; others are named on the command line.
EMBEDDED = ["inventory=template:python-inventory", "ledger=template:rust-ledger"]


def lines_of(command: list[str]) -> tuple[list[dict], float, int]:
    started = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.monotonic() - started
    return [json.loads(line) for line in done.stdout.splitlines()], seconds, done.returncode


def measure(name: str, source: str, arguments: argparse.Namespace) -> dict:
    out = arguments.out / name
    made, seconds, _ = lines_of(
        [*CAB, "generate", source, "--out", str(out), "--count", str(arguments.count),
         "--seed", str(arguments.seed), "--json", "--tests", arguments.tests, "--force"]
    )  # fmt: skip
    trials = [one for one in made if one["type"] == "trial"]
    summary = next((one for one in made if one["type"] == "summary"), {})
    tasks = [one for one in trials if one["task"]]
    outcomes = Counter(one["outcome"] for one in trials)
    codes = Counter(one["mutator"].split(":")[1] for one in tasks)
    verdicts, validate_s = [], 0.0
    if tasks:
        verdicts, validate_s, _ = lines_of([*CAB, "validate", str(out), "--json"])
    hunks = [
        yaml.safe_load((Path(one["task"]) / "task.yaml").read_text())["difficulty"]["hunks"]
        for one in tasks
    ]
    return {
        "repository": name,
        "sites": summary.get("sites"),
        "lines": summary.get("lines"),
        "tests": summary.get("green"),
        "trials": len(trials),
        "outcomes": dict(outcomes),
        "tasks": len(tasks),
        "yield": (outcomes["caught"] + outcomes["duplicate"]) / len(trials) if trials else 0.0,
        "build_failed": outcomes["build_failed"] / len(trials) if trials else 0.0,
        "seconds": seconds,
        "valid": sum(one["verdict"] == "valid" for one in verdicts),
        "reasons": [reason for one in verdicts for reason in one["reasons"]],
        "validate_s": validate_s,
        "largest_share": max(codes.values()) / len(tasks) if tasks else 0.0,
        "rare_or_new": sum(n for code, n in codes.items() if STATE.get(code) != "common")
        / max(1, len(tasks)),
        "most_hunks": max(hunks, default=0),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="*", default=EMBEDDED, metavar="NAME=SEED")
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", default="hidden")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--results", type=Path)
    arguments = parser.parse_args()
    arguments.out = arguments.out or Path(tempfile.mkdtemp(prefix="real-"))
    rows = []
    for pair in arguments.seeds:
        name, _, source = pair.partition("=")
        row = measure(name, source, arguments)
        rows.append(row)
        print(json.dumps(row), flush=True)
        if arguments.results:
            arguments.results.write_text(json.dumps(rows, indent=1))
    print("\n" + table(rows))


def table(rows: list[dict]) -> str:
    head = (
        "| repository | lines | tests | sites | trials | outcomes | tasks | caught | build failed "
        "| s | valid | validate s | largest share | rare or new | tasks/kLOC | tasks/core-h |"
    )
    out = [head, "|" + "---|" * head.count("|", 1)]
    for row in rows:
        outcomes = ", ".join(f"{k} {v}" for k, v in sorted(row["outcomes"].items()))
        per_line = 1000 * row["tasks"] / row["lines"] if row["lines"] else 0
        per_hour = row["tasks"] * 3600 / (row["seconds"] * 2) if row["seconds"] else 0
        cells = (
            row["repository"], row["lines"], row["tests"], row["sites"], row["trials"], outcomes,
            row["tasks"], f"{row['yield']:.0%}", f"{row['build_failed']:.0%}",
            f"{row['seconds']:.0f}", f"{row['valid']}/{row['tasks']}", f"{row['validate_s']:.0f}",
            f"{row['largest_share']:.0%}", f"{row['rare_or_new']:.0%}", f"{per_line:.0f}",
            f"{per_hour:.0f}",
        )  # fmt: skip
        out.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(out)


if __name__ == "__main__":
    main()
