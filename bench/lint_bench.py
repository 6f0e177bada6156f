"""
How fast lint is: bundles of 50 files, 300 KB and 200 test ids each, one process.

    python bench/lint_bench.py [--bundles 1000] [--repeat 3] [--jobs 1] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bundles import write, write_bundle  # the tests' own builder

from cab_tasks.bundle import DIGESTS, TESTS, digest_lines, dump_json, walk
from cab_tasks.lint.engine import LintRequest, lint_bundles

FILES, SIZE_BYTES, TEST_IDS = 50, 300_000, 200
_LINE = b"    total = total + values[index] * 3  # keeps a running sum of what was read\n"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        roots = [make_bundle(Path(folder) / str(number)) for number in range(options.bundles)]
        print(f"made {len(roots)} bundles in {time.perf_counter() - began:.1f} s")
        if options.profile:
            _profile(roots)
            return
        for _ in range(options.repeat):
            _measure(roots, options.jobs)


def make_bundle(folder: Path) -> Path:
    """
    A good Python bundle, filled up with source files and passing tests.
    """
    root = write_bundle(folder)
    _fill_tests(root)
    taken = [entry.stat().st_size for _, entry in walk(root)]
    left = FILES - len(taken)
    share = (SIZE_BYTES - sum(taken)) // left // len(_LINE)
    for number in range(left):
        text = b"def part(values, index, total):\n" + _LINE * share
        write(root / f"workdir/src/part_{number:02}.py", text)
    write(root / DIGESTS, digest_lines(root))
    return root


def _fill_tests(root: Path) -> None:
    path = "tests/test_sums.py"
    failing = [f"{path}::test_total_of_nothing", f"{path}::test_total_of_two_numbers"]
    passing = [f"{path}::test_part[{number:03}]" for number in range(TEST_IDS - len(failing))]
    write(root / TESTS, dump_json({"fail_to_pass": failing, "pass_to_pass": passing}))
    manifest = root / "task.yaml"
    text = manifest.read_text()
    write(manifest, text.replace("suite_tests: 4", f"suite_tests: {TEST_IDS}").encode())


def _measure(roots: list[Path], jobs: int) -> None:
    began, busy = time.perf_counter(), time.process_time()
    findings = sum(len(result.findings) for result in lint_bundles(roots, LintRequest(), jobs))
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    rate = f"{len(roots) / seconds:.0f} bundles/s, {len(roots) / max(busy, 1e-9):.0f} per CPU s"
    print(f"{len(roots)} bundles, {jobs} jobs: {seconds:.2f} s, {rate}; {findings} findings")


def _profile(roots: list[Path]) -> None:
    with cProfile.Profile() as profile:
        list(lint_bundles(roots, LintRequest()))
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
