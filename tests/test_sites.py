"""
Which mutants stay: in product code only, on lines that tests execute, none twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cab_tasks.model import Mutant, Reach, Seed, SuiteSpec
from cab_tasks.offers import kept_offers
from cab_tasks.sites import Sites, find_sites, is_reached, offers_of
from mutators.base import Edit
from mutators.registry import built_in

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = b"""\
def sign(x):
    # zero has none
    if x == 0:
        return 0
    if x < 0:
        return -1
    return 1
"""
GUARD = b"""\
    # zero has none
    if x == 0:
        return 0
"""


def mutant(old: bytes, new: bytes) -> Mutant:
    edit = Edit(SOURCE.index(old), old, new)
    return Mutant("python:x.y", "m.py", (edit,), "sign", (1, 7), 1, 1, "f")


@pytest.mark.parametrize(
    ("old", "lines", "reached"),
    [
        (b"x < 0", {5}, True),
        (b"x < 0", {1, 3, 7}, False),
        (GUARD, {3, 4}, True),
        (GUARD, {3, 5}, False),
    ],
    ids=["its line runs", "its line does not", "a guard that fires", "a guard that never fires"],
)
def test_mutant_is_reached_where_its_code_and_what_goes_with_it_runs(
    old: bytes, lines: set[int], reached: bool
) -> None:
    reach = Reach({"m.py": frozenset(lines)})

    assert is_reached(mutant(old, b""), SOURCE, reach) is reached


def seed(tree: Path) -> Seed:
    spec = SuiteSpec("python", "pytest", ("python", "-m", "pytest"), test_globs=("test_*.py",))
    return Seed("s", "s", "", "", tree, "", "MIT", spec)


def sites_of(taken: Seed, **filters: Any) -> Sites:
    return find_sites(taken, offers_of(taken, built_in("python")), **filters)


def test_sites_are_in_product_code_only_and_none_twice(tmp_path: Path) -> None:
    for name in ("m.py", "test_m.py", "setup.py", "docs/conf.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(SOURCE)
    (tmp_path / "bad.py").write_bytes(b"def (:\n")

    sites = sites_of(seed(tmp_path))

    assert {one.path for one in sites.mutants} == {"m.py"}
    assert len({one.edits for one in sites.mutants}) == len(sites.mutants)
    assert [path for path, _ in sites.refused] == ["bad.py"]
    assert sites.mutants == sites_of(seed(tmp_path)).mutants


def test_sites_leave_out_what_stands_elsewhere_and_what_nothing_reaches(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_bytes(SOURCE)
    every = sites_of(seed(tmp_path))

    copied = sites_of(seed(tmp_path), is_copied=lambda lines: True)
    unreached = sites_of(seed(tmp_path), reach=Reach({"m.py": frozenset()}))

    assert (copied.mutants, copied.copied) == ((), len(every.mutants))
    assert (unreached.mutants, unreached.unreached) == ((), len(every.mutants))


def test_kept_offers_are_those_that_were_found_on_any_number_of_jobs(tmp_path: Path) -> None:
    tree, folder = tmp_path / "tree", tmp_path / "kept"
    tree.mkdir()
    for number in range(4):
        (tree / f"m{number}.py").write_bytes(SOURCE.replace(b"sign", b"sign%d" % number))
    (tree / "odd.py").write_bytes(
        "# -*- coding: latin-1 -*-\nx = 'é' if 1 < 2 else 3\n".encode("latin-1")
    )
    found = offers_of(seed(tree), built_in("python"))

    first = kept_offers(seed(tree), built_in("python"), (), folder, 2)
    again = kept_offers(seed(tree), built_in("python"), (), folder, 2)

    assert first == again == found
    assert len(list(folder.iterdir())) == 1
    assert kept_offers(seed(tree), built_in("python")[:3], (), folder, 1) != found
