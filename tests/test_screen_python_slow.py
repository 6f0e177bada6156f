"""
Python mutants that no swap can express: whole runs, forked before or after pytest's configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from screen_runs import ends, measured, mutant, opened
from suite_runs import pytest_spec, written

from cab_tasks.model import Lane

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.screen import Setting

PRODUCT = """
FACTOR = 2


def scaled(number):
    return number * FACTOR


def negated(number):
    return -number


TABLE = {number: scaled(number) for number in range(4)}
"""
TESTS = """
import product


def test_scaled():
    assert product.scaled(5) == 10


def test_negated():
    assert product.negated(1) == -1


def test_table():
    assert product.TABLE[3] == 6


def test_size():
    assert len(product.TABLE) == 4
"""
SPEC = pytest_spec(path=".")
BOTH = {"test_scaled": "failed", "test_table": "failed"}


def setting_of(tmp_path: Path, **more: str) -> Setting:
    tree = written(tmp_path / "tree", product=PRODUCT, test_product=TESTS, **more)
    return measured(tree, SPEC, tmp_path)


def test_slow_lane_runs_what_is_imported_anew(tmp_path: Path) -> None:
    setting = setting_of(tmp_path)
    with opened(setting) as screen:
        told = screen.screen(mutant(setting, "product.py", ("FACTOR = 2", "FACTOR = 3")))
        again = screen.screen(mutant(setting, "product.py", ("FACTOR = 2", "FACTOR = 2.0")))
    assert told.lane is Lane.SLOW
    assert ends(told) == BOTH
    assert ends(again) == {}


def test_slow_lane_knows_a_module_that_configuration_has_imported(tmp_path: Path) -> None:
    conftest = "import product\nimport pytest\n"
    setting = setting_of(tmp_path, conftest=conftest)
    with opened(setting) as screen:
        told = screen.screen(mutant(setting, "product.py", ("FACTOR = 2", "FACTOR = 3")))
    assert told.lane is Lane.SLOW
    assert ends(told) == BOTH


def test_slow_lane_runs_few_tests_where_imports_come_out_the_same(tmp_path: Path) -> None:
    setting = setting_of(tmp_path)
    changed = mutant(
        setting, "product.py", ("number * FACTOR", "number * FACTOR if number < 4 else 0")
    )
    with opened(setting) as screen:
        told = screen.screen(changed)
    assert told.lane is Lane.SLOW
    assert told.ran == 1  # the others do not execute the line that has changed
    assert ends(told) == {"test_scaled": "failed"}


def test_slow_lane_says_that_a_module_cannot_be_imported(tmp_path: Path) -> None:
    setting = setting_of(tmp_path)
    with opened(setting) as screen:
        told = screen.screen(mutant(setting, "product.py", ("range(4)", "rang(4)")))
        after = screen.screen(mutant(setting, "product.py", ("FACTOR = 2", "FACTOR = 3")))
    assert told.end == "collection_error"
    assert "rang" in told.detail
    assert ends(after) == BOTH


def test_default_that_is_a_plain_value_is_changed_in_the_fast_lane(tmp_path: Path) -> None:
    product = """
def raised(number, by=1, *, twice=False):
    return number + by * (1 + twice)


def made(items=()):
    return list(items)
"""
    test = """
import product

alias = product.raised

def test_raised():
    assert alias(1) == 2

def test_named():
    assert alias(1, by=2) == 3

def test_twice():
    assert alias(1, twice=True) == 3

def test_made():
    assert product.made() == []
"""
    tree = written(tmp_path / "tree", product=product, test_product=test)
    setting = measured(tree, SPEC, tmp_path)
    changes = (("by=1", "by=3"), ("twice=False", "twice=True"), ("items=()", "items=[1]"))
    with opened(setting) as screen:
        placed, named, other = (
            screen.screen(mutant(setting, "product.py", change)) for change in changes
        )
        right = screen.screen(mutant(setting, "product.py", ("by=1", "by=1.0")))
    assert (placed.lane, named.lane, other.lane) == (Lane.FAST, Lane.FAST, Lane.SLOW)
    assert ends(placed) == {"test_raised": "failed", "test_twice": "failed"}
    assert ends(named) == {"test_raised": "failed", "test_named": "failed"}
    assert ends(other) == {"test_made": "failed"}
    assert ends(right) == {}
