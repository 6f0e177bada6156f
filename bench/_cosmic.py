"""
cosmic-ray as a side of a comparison: a random part of its mutants, run, and given to others.
"""

from __future__ import annotations

import json
import random
import sqlite3
from typing import TYPE_CHECKING, Any

import peers
from _timed import Taken, timed

if TYPE_CHECKING:
    from pathlib import Path

_TOML = """[cosmic-ray]
module-path = {modules}
timeout = {timeout}
excluded-modules = []
test-command = "{command}"
[cosmic-ray.distributor]
name = "local"
"""


def run_cosmic_ray(
    tree: Path, modules: list[str], tests: str, sample: int, timeout_s: float, python: str
) -> tuple[Taken, list[dict[str, Any]]]:
    """
    Execute `sample` of its mutants; the time is of `exec` alone, of the mutants and nothing else.

    Returns each mutant as byte edits, with `noticed` and `hangs`.
    """
    home = peers.home("cosmic-ray", python) / "bin"
    command = f"{home / 'python'} -m pytest -x -q -p no:cacheprovider {tests}"
    settings, session = tree / "cosmic.toml", tree / "cosmic.sqlite"
    settings.write_text(
        _TOML.format(modules=json.dumps(modules), timeout=timeout_s, command=command)
    )
    session.unlink(missing_ok=True)
    timed([home / "cosmic-ray", "init", settings.name, session.name], cwd=tree)
    _keep_some(session, sample)
    taken = timed([home / "cosmic-ray", "exec", settings.name, session.name], cwd=tree)
    with sqlite3.connect(session) as rows:
        found = rows.execute(
            "select s.job_id, module_path, test_outcome, output, diff from mutation_specs s "
            "join work_results r on r.job_id = s.job_id order by s.job_id"
        ).fetchall()
    return taken, [_mutant(tree, *row) for row in found]


def _keep_some(session: Path, sample: int) -> None:
    with sqlite3.connect(session) as rows:
        # Ids are random; where a mutant stands is not.
        query = (
            "select job_id from mutation_specs order by module_path, start_pos_row, "
            "start_pos_col, operator_name, operator_args, occurrence"
        )
        jobs = [row[0] for row in rows.execute(query)]
        kept = set(random.Random(0).sample(jobs, min(sample, len(jobs))))
        for job in jobs:
            if job not in kept:
                rows.execute("delete from mutation_specs where job_id = ?", (job,))
                rows.execute("delete from work_items where job_id = ?", (job,))


def _mutant(
    tree: Path, job: str, module: str, outcome: str, output: str, diff: str
) -> dict[str, Any]:
    before = (tree / module).read_text()
    head, old, new = _difference(before, _patched(before, diff))
    return {
        "name": job,
        "path": module,
        "edits": [[len(before[:head].encode()), old, new]],
        "noticed": outcome != "SURVIVED",
        "hangs": output == "timeout",
    }


def _patched(before: str, diff: str) -> str:
    """
    `before` with a unified diff of one hunk or more applied; context is not looked at twice.
    """
    lines, out, at = before.splitlines(keepends=True), [], 0
    told = diff.splitlines()
    first = next(number for number, line in enumerate(told) if line.startswith("@@"))
    for line in told[first:]:
        if line.startswith("@@"):
            start = int(line.split("-")[1].split(",")[0].split()[0]) - 1
            out += lines[at:start]
            at = start
        elif line.startswith("+"):
            out.append(line[1:] + "\n")
        elif line.startswith("-"):
            at += 1
        else:
            out.append(lines[at])
            at += 1
    return "".join(out + lines[at:])


def _difference(before: str, after: str) -> tuple[int, str, str]:
    head, most = 0, min(len(before), len(after))
    while head < most and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < most - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head, before[head : len(before) - tail], after[head : len(after) - tail]
