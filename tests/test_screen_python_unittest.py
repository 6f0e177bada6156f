"""
unittest suites in the fast engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from screen_runs import ends, measured, mutant, opened
from suite_runs import REPOS, unittest_spec

from cab_tasks.model import Lane, RunEnd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.screen import Screen, Setting

NUMBERS, FIXTURE = "tests.test_shelf.Numbers", "tests.test_shelf.Fixture"


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    folder = tmp_path_factory.mktemp("screen")
    return measured(REPOS / "screen-unittest", unittest_spec(), folder)


@pytest.fixture(scope="module")
def screen(setting: Setting) -> Iterator[Screen]:
    with opened(setting) as screen:
        yield screen


def test_screen_unittest_right_code_passes(setting: Setting, screen: Screen) -> None:
    said = screen.screen(mutant(setting, "shelf.py", ("number + number", "2 * number")))

    assert (said.end, said.lane, said.results, said.ran) == (RunEnd.COMPLETED, Lane.FAST, (), 2)


def test_screen_unittest_names_all_tests_that_fail(setting: Setting, screen: Screen) -> None:
    said = screen.screen(mutant(setting, "shelf.py", ("number + number", "number + 1")))

    assert (said.lane, ends(said)) == (
        Lane.FAST,
        {f"{NUMBERS}.test_double": "failed", f"{NUMBERS}.test_double_zero": "failed"},
    )


def test_screen_unittest_hang_is_stopped_by_fuel(setting: Setting, screen: Screen) -> None:
    said = screen.screen(mutant(setting, "shelf.py", ("number -= 1", "number -= 0")))

    assert ends(said) == {f"{NUMBERS}.test_count": "timeout"}
    assert said.hung_s < 1


def test_screen_unittest_class_fixture_breaks_its_tests(setting: Setting, screen: Screen) -> None:
    broken = screen.screen(mutant(setting, "shelf.py", ('["book"]', '["book"][1]')))
    wrong = screen.screen(mutant(setting, "shelf.py", ('["book"]', '["book", "book"]')))

    assert ends(broken) == {f"{FIXTURE}.test_first": "error", f"{FIXTURE}.test_size": "error"}
    assert ends(wrong) == {f"{FIXTURE}.test_size": "failed"}


def test_screen_unittest_module_level_is_imported_anew(setting: Setting, screen: Screen) -> None:
    said = screen.screen(mutant(setting, "shelf.py", ("LIMIT = 3", "LIMIT = 4")))

    assert (said.lane, ends(said)) == (Lane.SLOW, {f"{NUMBERS}.test_limit": "failed"})


def test_screen_unittest_first_flip_stops_there(setting: Setting, screen: Screen) -> None:
    changed = mutant(setting, "shelf.py", ("number + number", "number + 1"))

    said = screen.screen(changed, first_flip=True)

    assert ends(said) == {f"{NUMBERS}.test_double": "failed"}
    assert said.ran == 1


def test_screen_unittest_describes_failures(setting: Setting, screen: Screen) -> None:
    changed = mutant(setting, "shelf.py", ("number + number", "number + 1"))

    said = screen.screen(changed, describe=True)

    failures = [result.failure for result in said.results if result.failure is not None]
    assert [failure.message for failure in failures] == ["3 != 4", "1 != 0"]
    assert failures[0].statement == "self.assertEqual(shelf.double(2), 4)"
