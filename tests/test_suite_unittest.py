"""
unittest suites: the runner's own ids, and what fixtures, parts and crashes mean for each test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from suite_runs import (
    LIMITS,
    copied,
    outcomes,
    python_environment,
    run_python,
    unittest_spec,
    written,
)

from cab_tasks.errors import UsageError
from cab_tasks.model import RunEnd
from cab_tasks.suite import trace_suite

if TYPE_CHECKING:
    from pathlib import Path

_OUTCOMES = "tests.test_outcomes."
ALL = {
    f"{_OUTCOMES}ClassSetUpBreaks.test_one": "error",
    f"{_OUTCOMES}ClassSetUpBreaks.test_two": "error",
    f"{_OUTCOMES}Outcomes.test_expected_to_fail": "skipped",
    f"{_OUTCOMES}Outcomes.test_fails": "failed",
    f"{_OUTCOMES}Outcomes.test_passes": "passed",
    f"{_OUTCOMES}Outcomes.test_passes_unexpectedly": "failed",
    f"{_OUTCOMES}Outcomes.test_raises": "failed",
    f"{_OUTCOMES}Outcomes.test_skipped": "skipped",
    f"{_OUTCOMES}Outcomes.test_with_parts": "failed",
    f"{_OUTCOMES}SetUpBreaks.test_one": "error",
}
CRASHING = """
import os, time, unittest

class Crash(unittest.TestCase):
    def test_a(self): pass
    def test_b(self): os._exit(0)
    def test_c(self): time.sleep(600)
    def test_d(self): pass
"""


def test_unittest_run_tells_every_outcome(tmp_path: Path) -> None:
    run = run_python(copied("suite-unittest", tmp_path), unittest_spec())

    assert (run.end, outcomes(run), run.unstable) == (RunEnd.COMPLETED, ALL, ())


def test_unittest_failure_tells_statement_and_values(tmp_path: Path) -> None:
    run = run_python(copied("suite-unittest", tmp_path), unittest_spec())

    failure = next(r.failure for r in run.results if r.id.endswith("test_fails"))
    assert failure is not None
    assert (failure.kind, failure.message) == ("AssertionError", "6 != 7")
    assert failure.statement == "self.assertEqual(double(number), 7)"
    assert failure.values == (("number", "3"),)
    assert (failure.path, failure.line) == ("tests/test_outcomes.py", 12)


def test_unittest_select_and_shuffle_keep_outcomes(tmp_path: Path) -> None:
    tree = copied("suite-unittest", tmp_path)
    one = f"{_OUTCOMES}Outcomes.test_passes"

    selected = run_python(tree, unittest_spec("discover"), select=(one,))
    shuffled = run_python(tree, unittest_spec("discover", "-s", "tests", "-t", "."), shuffle=5)

    assert outcomes(selected) == {one: "passed"}
    assert outcomes(shuffled) == ALL


def test_unittest_crash_and_hang_cost_one_test_each(tmp_path: Path) -> None:
    tree = written(tmp_path, test_crash=CRASHING)

    run = run_python(tree, unittest_spec(), test_timeout_s=0.5)

    assert run.end is RunEnd.COMPLETED
    assert list(outcomes(run).values()) == ["passed", "crashed", "timeout", "passed"]


def test_unittest_module_that_cannot_be_imported_is_a_collection_error(tmp_path: Path) -> None:
    tree = written(tmp_path, test_no="import nowhere\n")

    run = run_python(tree, unittest_spec())

    assert (run.end, run.results) == (RunEnd.COLLECTION_ERROR, ())
    assert "No module named 'nowhere'" in run.detail


def test_unittest_without_tests_is_no_tests(tmp_path: Path) -> None:
    run = run_python(written(tmp_path, test_none="x = 1\n"), unittest_spec())

    assert (run.end, run.results) == (RunEnd.NO_TESTS, ())


def test_unittest_trace_tells_lines_and_their_tests(tmp_path: Path) -> None:
    tree = copied("suite-unittest", tmp_path)

    run, reach = trace_suite(unittest_spec(), python_environment(), tree, limits=LIMITS)

    assert outcomes(run) == ALL
    assert reach.lines == {"shelf.py": frozenset({1, 2})}
    assert reach.tests == {
        ("shelf.py", 2): tuple(
            f"{_OUTCOMES}Outcomes.{name}"
            for name in ("test_fails", "test_passes", "test_with_parts")
        )
    }


def test_unittest_command_that_names_it_not_is_a_usage_error(tmp_path: Path) -> None:
    spec = unittest_spec()

    with pytest.raises(UsageError, match="does not name unittest"):
        run_python(tmp_path, type(spec)("python", "unittest", ("nosetests",)))
