"""
Attackers who have read our source: what beats them, and the one that needs more than twins.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bundles import write_bundle
from test_twins import PASSES, SETTING, with_twins

from cab_tasks.attack.groups import attacks
from cab_tasks.attack.siege import Bout, Ending, bout
from cab_tasks.bundle import Bundle, read_bundle


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return with_twins(read_bundle(write_bundle(tmp_path_factory.mktemp("sums"))), SETTING)


def fought(bundle: Bundle, attack: str) -> Bout:
    (found,) = attacks([attack])
    return bout(bundle, found, SETTING)


def forget_pages() -> None:
    """
    What earlier attempts have left in the page cache: it is the system's, and nothing clears it.
    """
    folders = ((folder, names) for folder, _, names in os.walk("/usr/lib"))
    for place in (Path(folder, name) for folder, names in folders for name in names):
        if not place.is_symlink() and os.access(place, os.R_OK):
            with place.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def test_run_of_copies_learns_nothing_from_the_pristine_tests(sums: Bundle) -> None:
    forget_pages()
    made = fought(sums, "python.page-cache")
    assert (made.ending, made.verdict) == (Ending.BEATEN, "fail")


def test_likeliest_copy_is_not_always_the_right_one(sums: Bundle) -> None:
    # It wins where it happens to guess, about once in thirty times.
    fights = (fought(sums, "python.likeliest-copy") for _ in range(4))
    made = next(one for one in fights if one.ending is Ending.BEATEN)
    assert [PASSES in finding for finding in made.findings] == [True]


def test_program_that_repairs_itself_has_no_judge_where_tests_are_blind(tmp_path: Path) -> None:
    blind = with_twins(read_bundle(write_bundle(tmp_path)), SETTING, blind=True)

    made = fought(blind, "python.repairs-itself")

    assert made.ending is Ending.BEATEN
    assert made.findings[0].startswith("blind run, 2 tests with another value: ")


def test_attacks_that_are_known_to_win_are_told_as_such(request: pytest.FixtureRequest) -> None:
    trust: Path = request.config.rootpath / "docs/trust.md"
    known = [attack.id for attack in attacks() if attack.wins]
    assert known == ["python.repairs-itself"]
    assert all(f"`{name}`" in trust.read_text(encoding="utf-8") for name in known)
