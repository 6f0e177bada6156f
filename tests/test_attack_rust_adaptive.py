"""
Attacks of Rust attempts that know of must-fail twins, on a bundle that has some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bundles import write_bundle
from suite_runs import rust_environment
from test_twins import with_twins

from cab_tasks.attack.groups import attacks
from cab_tasks.attack.siege import Ending, bout
from cab_tasks.bundle import read_bundle
from cab_tasks.judge import RunCache, Setting
from cab_tasks.model import Environment
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from cab_tasks.bundle import Bundle

LOCK = b'version = 4\n\n[[package]]\nname = "halves"\nversion = "0.1.0"\n'


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, Setting]:
    folder = tmp_path_factory.mktemp("halves")
    home = rust_environment(folder)
    environment = Environment("rust", "own", home.root, "rustc", files=(("Cargo.lock", LOCK),))
    setting = Setting(environment, folder / "target", Policy.AUTO, RunCache())
    return with_twins(read_bundle(write_bundle(folder, "rust")), setting), setting


def test_page_cache_does_not_tell_the_right_copy(halves: tuple[Bundle, Setting]) -> None:
    bundle, setting = halves
    (attack,) = attacks(["rust.copies-in-page-cache"])

    made = bout(bundle, attack, setting, with_naive=True)

    assert made.ending is Ending.BEATEN, (made.verdict, made.findings, made.detail)
    assert made.naive_passes, made.detail  # it builds, and passes where no copies are run


def test_library_that_hides_what_it_was_made_from_holds_copies_alone(
    halves: tuple[Bundle, Setting],
) -> None:
    bundle, setting = halves
    (attack,) = attacks(["rust.copies-in-stale-library"])

    made = bout(bundle, attack, setting, with_naive=True)

    assert made.ending is Ending.BEATEN, (made.verdict, made.findings, made.detail)
    assert made.naive_passes, made.detail
    assert any("copies that must fail passed" in finding for finding in made.findings)


def test_tests_with_few_copies_are_not_guessed_at(halves: tuple[Bundle, Setting]) -> None:
    bundle, setting = halves
    (attack,) = attacks(["rust.copies-by-majority"])

    made = bout(bundle, attack, setting)

    assert made.ending is Ending.UNFIT
    assert made.detail == "so few copies that luck decides"
