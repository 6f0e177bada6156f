"""
How fast lint is: bundles of 50 files, 300 KB and 200 test ids each.

Like those of a real run they come from a number of seeds: what is the seed's is linked, what is the
task's (manifest, prompt, lists, evidence, fix, broken file, digests) differs in every bundle.

    python bench/lint_bench.py [--bundles 10000] [--repeat 3] [--jobs 2] [--in DIR] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import json
import os
import pstats
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bundles import write, write_bundle  # the tests' own builder

from cab_tasks.bundle import DIGESTS, MANIFEST, TESTS, digest_lines, dump_json, walk
from cab_tasks.lint.engine import LintRequest, lint_bundles

FILES, SIZE_BYTES, TEST_IDS, SEEDS = 50, 300_000, 200, 40
_LINE = b"    total = total + values[index] * 3  # keeps a running sum of what was read\n"
_SHARED = ("workdir/src/part_", "workdir/LICENSE", "hidden/tests/", "environment/")
_NEEDLE = "0a1b2c3d"  # the number in the builder's task id


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.within) as folder:
        began = time.perf_counter()
        roots = make_bundles(Path(folder), options.bundles)
        print(
            f"made {len(roots)} bundles in {time.perf_counter() - began:.1f} s: {_shape(roots[0])}"
        )
        if options.profile:
            _profile(roots)
            return
        for _ in range(options.repeat):
            _measure(roots, options.jobs)


def make_bundles(folder: Path, count: int) -> list[Path]:
    """
    Good Python bundles of a few seeds, all in one folder as `generate` leaves them.
    """
    seeds = [_make_seed(folder / f"seed-{number}", number) for number in range(min(SEEDS, count))]
    return [
        _make_bundle(folder / "out/mutations", seeds[number % len(seeds)], number)
        for number in range(count)
    ]


def _make_seed(folder: Path, number: int) -> Path:
    """
    A bundle filled up with source files that no other seed has.
    """
    root = write_bundle(folder)
    taken = [entry.stat().st_size for _, entry in walk(root)]
    left = FILES - len(taken)
    lists_bytes = 45 * TEST_IDS  # an id and its line; digests.txt grows by 100 a file
    share = (SIZE_BYTES - sum(taken) - lists_bytes - 100 * left) // left // len(_LINE)
    for part in range(left):
        text = f"def part_{number}_{part}(values, index, total):\n".encode() + _LINE * share
        write(root / f"workdir/src/part_{part:02}.py", text)
    return root


def _make_bundle(folder: Path, seed: Path, number: int) -> Path:
    """
    A task of the seed: its own id, title, function, lists, fix and digests.
    """
    own = hashlib.sha256(str(number).encode()).hexdigest()[:8]
    root = folder / f"sums-{own}"
    for path, entry in walk(seed):
        place = root / path
        if path.startswith(_SHARED):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.hardlink_to(entry.path)
        elif path != DIGESTS:
            write(place, _renamed(Path(entry.path).read_bytes(), own))
    _fill_lists(root, own)
    write(root / DIGESTS, digest_lines(root))
    return root


def _renamed(data: bytes, own: str) -> bytes:
    data = data.replace(_NEEDLE.encode(), own.encode())
    return data.replace(b"total(", f"total_{own}(".encode()).replace(b"wrong totals", own.encode())


def _fill_lists(root: Path, own: str) -> None:
    lists = json.loads((root / TESTS).read_bytes())
    passing = lists["pass_to_pass"]
    left = TEST_IDS - len(passing) - len(lists["fail_to_pass"])
    passing += [f"tests/test_sums.py::test_part_{own}[{number:03}]" for number in range(left)]
    write(root / TESTS, dump_json(lists | {"pass_to_pass": sorted(passing)}))
    text = (root / MANIFEST).read_text()
    said = text.replace("suite_tests: 4", f"suite_tests: {TEST_IDS}")
    write(root / MANIFEST, said.encode())


def _shape(root: Path) -> str:
    sizes = [entry.stat().st_size for _, entry in walk(root)]
    return f"{len(sizes)} files, {sum(sizes)} bytes each"


def _measure(roots: list[Path], jobs: int) -> None:
    began, busy = time.perf_counter(), _cpu_s()
    findings = sum(len(result.findings) for result in lint_bundles(roots, LintRequest(), jobs))
    seconds, busy = time.perf_counter() - began, _cpu_s() - busy
    rate = f"{len(roots) / seconds:.0f} bundles/s, {1000 * busy / len(roots):.2f} ms of CPU each"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{len(roots)} bundles, {jobs} jobs: {seconds:.2f} s, {rate}; {findings} findings")
    print(f"  peak memory of the parent {peak} MB; load of the machine {os.getloadavg()[0]:.1f}")


def _cpu_s() -> float:
    """
    Of this process and of its children that have ended.
    """
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _profile(roots: list[Path]) -> None:
    with cProfile.Profile() as profile:
        list(lint_bundles(roots, LintRequest()))
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--in", dest="within", help="where the bundles are made")
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
