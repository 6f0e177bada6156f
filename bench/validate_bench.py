"""
How fast validate is on many bundles: copies of given ones, each under a task id of its own.

    cab-tasks generate template:python-inventory --count 40 --out DIR
    python bench/validate_bench.py DIR [--bundles 1000] [--jobs 2] [--repeat 3]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from cab_tasks.bundle import DIGESTS, MANIFEST, digest_lines, find_bundles, read_manifest
from cab_tasks.cli._work import cache_folder
from cab_tasks.proofs import validate_all


def main() -> None:
    options = _options()
    given = list(find_bundles([options.folder]))
    with tempfile.TemporaryDirectory(dir=options.within) as folder:
        roots = [
            copy_bundle(given[number % len(given)], Path(folder), number)
            for number in range(options.bundles or len(given))
        ]
        _measure(roots, options.jobs, options.repeat)


def copy_bundle(root: Path, folder: Path, number: int) -> Path:
    """
    The same task under another id; its digests are right.
    """
    old = read_manifest(root / MANIFEST).task_id
    new = f"{old}-{number}"
    copy = folder / new
    shutil.copytree(root, copy, symlinks=True)
    text = (root / MANIFEST).read_text(encoding="utf-8")
    (copy / MANIFEST).write_text(text.replace(old, new, 1), encoding="utf-8")
    (copy / DIGESTS).write_bytes(digest_lines(copy))
    return copy


def _measure(roots: list[Path], jobs: int, repeat: int) -> None:
    began, busy = time.perf_counter(), _cpu_s()
    verdicts: Counter[str] = Counter()
    runs = 0
    for made in validate_all(roots, cache_folder(), repeat=repeat, jobs=jobs):
        verdicts[made.verdict] += 1
        runs += made.runs
    seconds, busy = time.perf_counter() - began, _cpu_s() - busy
    record = {
        "bundles": len(roots),
        "jobs": jobs,
        "seconds": round(seconds, 1),
        "bundles_per_s": round(len(roots) / seconds, 3),
        "minutes_for_1000": round(seconds / len(roots) * 1000 / 60, 1),
        "cpu_s_each": round(busy / len(roots), 2),  # ours: what runs in bubblewrap is not counted
        "judgements": runs,
        "verdicts": dict(verdicts),
        "parent_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(record))


def _cpu_s() -> float:
    """
    Of this process and of its children that have ended.
    """
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="bundles to copy")
    parser.add_argument("--bundles", type=int, default=0, help="0: as many as are there")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--in", dest="within", help="where the copies are made")
    return parser.parse_args()


if __name__ == "__main__":
    main()
