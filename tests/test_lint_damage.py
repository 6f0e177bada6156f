"""
Damaged bundles: always an answer, with a code and a place, in time, and never a traceback.

`python tests/test_lint_damage.py 5000` runs as many cases as asked, and prints what was found.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bundles import GOOD, write_bundle
from damage import damage_bytes, damage_tree, damage_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cab_tasks.bundle import read_manifest
from cab_tasks.document import read_document
from cab_tasks.errors import BundleError
from cab_tasks.lint.engine import LintRequest, lint_bundle
from cab_tasks.lint.finding import printable
from cab_tasks.lint.registry import codes
from cab_tasks.lint.snapshot import take_snapshot

if TYPE_CHECKING:
    from cab_tasks.lint.finding import Finding

SECONDS_MAX = 5.0  # a good bundle takes 0.003; more than this is a hang to whoever waits
KINDS = ("manifest bytes", "manifest values", "file bytes", "file values", "files")
PLAIN = (
    "hidden/tests.json", "hidden/evidence.json", "hidden/fix.patch", "digests.txt", "prompt.md",
    "AGENTS.md", "environment/requirements.txt", "environment/Cargo.lock", "workdir/src/lib.rs",
    "workdir/src/sums.py", "hidden/infile/src/lib.rs/tests.rs",
)  # fmt: skip
MANIFEST_RULES = LintRequest(select=("CAB0", "CAB1"))


def damaged(folder: Path, kind: str, seed: int) -> Path:
    """
    A bundle with one kind of damage, the same for the same seed.
    """
    dice = random.Random(seed)
    root = write_bundle(folder, dice.choice(sorted(GOOD)))
    if kind == "files":
        damage_tree(root, dice)
        return root
    structured = ("hidden/tests.json", "hidden/evidence.json")
    paths = structured if kind == "file values" else PLAIN
    path = root / "task.yaml"
    if not kind.startswith("manifest"):
        path = dice.choice([root / name for name in paths if (root / name).is_file()])
    damage = damage_values if kind.endswith("values") else damage_bytes
    path.write_bytes(damage(path.read_bytes(), dice))
    return root


def answer(root: Path) -> tuple[Finding, ...]:
    """
    What lint says, once it is known to be well-formed.
    """
    began = time.monotonic()
    findings = lint_bundle(root, LintRequest()).findings
    assert time.monotonic() - began < SECONDS_MAX
    for finding in findings:
        assert finding.code in codes()
        assert finding.message == printable(finding.message) != ""
        assert finding.place.path != ""
        assert min(finding.place.line, finding.place.column) >= 1
    return findings


def check_manifest(root: Path) -> None:
    """
    What the reader refuses, lint finds; what the reader takes, lint takes the same way.
    """
    manifest = take_snapshot(root).manifest
    try:
        read = read_manifest(root / "task.yaml")
    except BundleError:
        assert lint_bundle(root, MANIFEST_RULES).findings
    else:
        assert manifest == read


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(30))
def test_damaged_bundle_gets_an_answer(kind: str, seed: int, tmp_path: Path) -> None:
    root = damaged(tmp_path, kind, seed)

    answer(root)

    check_manifest(root)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(8))
def test_fix_of_a_damaged_bundle_is_done_in_one_go(kind: str, seed: int, tmp_path: Path) -> None:
    root = damaged(tmp_path, kind, seed)

    first = lint_bundle(root, LintRequest(fix=True))
    second = lint_bundle(root, LintRequest(fix=True))

    assert second.fixed == ()
    assert second.findings == first.findings


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_document_of_any_bytes_is_plain_or_has_a_problem(data: bytes) -> None:
    document = read_document(data)

    assert document.broken or isinstance(document.plain, dict)
    assert bool(document.problems) >= document.broken
    assert all(problem.line >= 1 and problem.column >= 1 for problem in document.problems)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[" * 900_000, id="depth in flow style"),
        pytest.param(b"".join(b" " * n + b"a:\n" for n in range(1200)), id="depth in block style"),
        pytest.param(b"- " * 400_000, id="depth of dashes"),
        pytest.param(b"? " * 400_000, id="depth of complex keys"),
        pytest.param(b"a: &x [1]\nb: [*x, *x]\n", id="alias"),
        pytest.param(b"a: 1\n" * 200_000, id="one key for ever"),
        pytest.param(b"k: " + b"9" * 1_000_000, id="a number of a million digits"),
        pytest.param(b"k: '" + b"a" * 1_000_000, id="an open quote"),
        pytest.param(b"k: [" + b"1," * 500_000, id="many values"),
        pytest.param(b"#" * 1_000_000, id="nothing but a comment"),
        pytest.param(b"a: 1\n---\nb: 2\n", id="two documents"),
        pytest.param(b"x" * 2_000_000, id="larger than allowed"),
        pytest.param(b"a: \x00\n", id="NUL"),
        pytest.param(b"2026-01-01: x\n", id="a date as key"),
        pytest.param(b"[a]: x\n", id="a list as key"),
        pytest.param(b"a: 2026-99-99\n", id="no date"),
        pytest.param(b"a: 0x_\n", id="no number"),
        pytest.param(b"<<: {a: 1}\n", id="merge"),
    ],
)
def test_document_refuses_what_would_hang_or_blow_up(data: bytes) -> None:
    began = time.monotonic()

    document = read_document(data)

    assert time.monotonic() - began < SECONDS_MAX
    assert document.broken
    assert document.problems


def main(cases: int) -> None:
    """
    Every kind in turn, with seeds from 1000 on.
    """
    found: Counter[str] = Counter()
    slowest, silent = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(cases):
            root = damaged(Path(folder) / "x", KINDS[number % len(KINDS)], 1000 + number)
            began = time.monotonic()
            findings = answer(root)
            slowest = max(slowest, time.monotonic() - began)
            check_manifest(root)
            silent += not findings
            found.update({finding.code for finding in findings})
            shutil.rmtree(Path(folder) / "x")
    codes_found = ", ".join(f"{code} {times}" for code, times in sorted(found.items()))
    said = f"{cases} cases, slowest {slowest:.3f} s, {silent} without a finding\n{codes_found}\n"
    sys.stdout.write(said)


if __name__ == "__main__":
    main(int(sys.argv[1]))
