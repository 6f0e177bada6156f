"""
pytest suites: each outcome told by name, and nothing lost when a test ends its process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite_runs import (
    LIMITS,
    copied,
    outcomes,
    pytest_spec,
    python_environment,
    run_python,
    written,
)

from cab_tasks.model import RunEnd
from cab_tasks.sandbox import Limits
from cab_tasks.suite import trace_suite

if TYPE_CHECKING:
    from pathlib import Path

ALL = {
    "src/shelf.py::shelf.double": "passed",
    "tests/test_outcomes.py::OldStyle::test_with_parts": "failed",
    "tests/test_outcomes.py::TestGroup::test_in_class": "passed",
    "tests/test_outcomes.py::test_does_not_raise": "failed",
    "tests/test_outcomes.py::test_expected_to_fail": "skipped",
    "tests/test_outcomes.py::test_fails": "failed",
    "tests/test_outcomes.py::test_parametrized[[x]]": "passed",
    "tests/test_outcomes.py::test_parametrized[\\xe4]": "passed",
    "tests/test_outcomes.py::test_parametrized[a/b::c]": "passed",
    "tests/test_outcomes.py::test_parametrized[plain]": "passed",
    "tests/test_outcomes.py::test_parametrized[with space]": "passed",
    "tests/test_outcomes.py::test_passes": "passed",
    "tests/test_outcomes.py::test_passes_strictly_unexpectedly": "failed",
    "tests/test_outcomes.py::test_passes_unexpectedly": "passed",
    "tests/test_outcomes.py::test_raises": "failed",
    "tests/test_outcomes.py::test_set_up_breaks": "error",
    "tests/test_outcomes.py::test_skipped": "skipped",
    "tests/test_outcomes.py::test_tear_down_breaks": "error",
}


def test_pytest_run_tells_every_outcome_in_spite_of_addopts(tmp_path: Path) -> None:
    tree = copied("suite-pytest", tmp_path)

    run = run_python(tree, pytest_spec())

    assert (run.end, outcomes(run), run.unstable) == (RunEnd.COMPLETED, ALL, ())
    assert [result.id for result in run.results] == sorted(ALL)


def test_pytest_failures_tell_statement_and_values(tmp_path: Path) -> None:
    tree = copied("suite-pytest", tmp_path)

    run = run_python(tree, pytest_spec())

    failures = {result.id.partition("::")[2]: result.failure for result in run.results}
    wrong, raised = failures["test_fails"], failures["test_raises"]
    assert wrong is not None
    assert (wrong.kind, wrong.path, wrong.line) == ("AssertionError", "tests/test_outcomes.py", 26)
    assert wrong.message.startswith("assert 6 == 7")
    assert wrong.statement == "assert double(number) == expected"
    assert wrong.values == (("number", "3"), ("expected", "7"))
    assert raised is not None
    assert (raised.kind, raised.statement) == ("KeyError", 'add("a", shelf)')
    assert raised.message == "'a is there, <unlocked _thread.lock object at 0x…>'"
    missing = failures["test_does_not_raise"]
    assert missing is not None
    assert missing.statement == 'with pytest.raises(KeyError):\n    add("b", ["a"])'
    assert failures["test_passes"] is None


def test_pytest_run_leaves_the_given_tree_as_it_was(tmp_path: Path) -> None:
    tree = copied("suite-pytest", tmp_path)
    before = sorted(path.relative_to(tree) for path in tree.rglob("*"))

    run_python(tree, pytest_spec())

    assert sorted(path.relative_to(tree) for path in tree.rglob("*")) == before


def test_pytest_select_runs_the_named_tests_only(tmp_path: Path) -> None:
    tree = copied("suite-pytest", tmp_path)
    wanted = ("tests/test_outcomes.py::test_parametrized[a/b::c]", "tests/test_outcomes.py::gone")

    run = run_python(tree, pytest_spec(), select=wanted)

    assert (run.end, outcomes(run)) == (RunEnd.COMPLETED, {wanted[0]: "passed"})


def test_pytest_crashes_cost_one_test_each(tmp_path: Path) -> None:
    crashing = """
import os, ctypes

def test_a(): pass
def test_exits_quietly(): os._exit(0)
def test_b(): pass
def test_segfaults(): ctypes.string_at(0)
def test_c(): assert False
"""
    tree = written(tmp_path, tests__test_crash=crashing)

    run = run_python(tree, pytest_spec())

    assert run.end is RunEnd.COMPLETED
    assert {name.rpartition("::")[2]: ending for name, ending in outcomes(run).items()} == {
        "test_a": "passed",
        "test_exits_quietly": "crashed",
        "test_b": "passed",
        "test_segfaults": "crashed",
        "test_c": "failed",
    }


def test_pytest_hangs_are_stopped_one_by_one(tmp_path: Path) -> None:
    hanging = """
import time

def test_a(): pass
def test_sleeps(): time.sleep(600)
def test_loops():
    while True:
        try:
            time.sleep(0)
        except Exception:
            pass
def test_b(): pass
"""
    tree = written(tmp_path, tests__test_hang=hanging)

    run = run_python(tree, pytest_spec(), test_timeout_s=0.5)

    assert run.end is RunEnd.COMPLETED
    assert list(outcomes(run).values()) == ["passed", "passed", "timeout", "timeout"]
    assert run.duration_s < 20


def test_pytest_hang_that_no_signal_stops_is_a_timeout_too(tmp_path: Path) -> None:
    hanging = "def test_a():\n    sum(iter(int, 1))\n\ndef test_b():\n    pass\n"
    tree = written(tmp_path, tests__test_hang=hanging)

    run = run_python(tree, pytest_spec(), test_timeout_s=0.2)

    assert run.end is RunEnd.COMPLETED
    assert list(outcomes(run).values()) == ["timeout", "passed"]


def test_pytest_suite_over_its_time_keeps_what_it_has(tmp_path: Path) -> None:
    hanging = "import time\ndef test_a(): pass\ndef test_b(): time.sleep(600)\ndef test_c(): pass\n"
    tree = written(tmp_path, tests__test_hang=hanging)

    run = run_python(tree, pytest_spec(), limits=Limits(timeout_s=8))

    assert run.end is RunEnd.TIMEOUT
    assert list(outcomes(run).values()) == ["passed", "timeout"]


def test_pytest_daemon_does_not_hold_the_run(tmp_path: Path) -> None:
    daemon = """
import os, time

def test_leaves_a_daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
"""
    tree = written(tmp_path, tests__test_daemon=daemon)

    run = run_python(tree, pytest_spec())

    assert (run.end, list(outcomes(run).values())) == (RunEnd.COMPLETED, ["passed"])


def test_pytest_forked_copy_of_the_runner_reports_nothing(tmp_path: Path) -> None:
    forking = "import os\ndef test_forks():\n    os.fork()\ndef test_after():\n    pass\n"
    tree = written(tmp_path, tests__test_fork=forking)

    run = run_python(tree, pytest_spec())

    assert (run.end, list(outcomes(run).values())) == (RunEnd.COMPLETED, ["passed", "passed"])


def test_pytest_flood_of_output_is_a_limit(tmp_path: Path) -> None:
    flood = "import os\ndef test_floods():\n    while True: os.write(2, b'x' * 65536)\n"
    tree = written(tmp_path, tests__test_flood=flood)

    run = run_python(tree, pytest_spec("-s"), limits=Limits(timeout_s=60, output_bytes=1 << 20))

    assert (run.end, list(outcomes(run).values())) == (RunEnd.LIMIT, ["crashed"])


def test_pytest_module_that_cannot_be_imported_is_a_collection_error(tmp_path: Path) -> None:
    tree = written(
        tmp_path, tests__test_ok="def test_a(): pass\n", tests__test_no="import nowhere\n"
    )

    run = run_python(tree, pytest_spec())

    assert run.end is RunEnd.COLLECTION_ERROR
    assert outcomes(run) == {"tests/test_ok.py::test_a": "passed"}
    assert "No module named 'nowhere'" in run.detail


def test_pytest_conftest_that_cannot_be_imported_is_a_collection_error(tmp_path: Path) -> None:
    tree = written(tmp_path, conftest="import nowhere\n", test_ok="def test_a(): pass\n")

    run = run_python(tree, pytest_spec())

    assert (run.end, run.results) == (RunEnd.COLLECTION_ERROR, ())
    assert "No module named 'nowhere'" in run.detail


def test_pytest_import_that_exits_is_never_a_pass(tmp_path: Path) -> None:
    exits = {"os._exit(0)": RunEnd.CRASHED, "sys.exit(0)": RunEnd.COLLECTION_ERROR}
    for words, end in exits.items():
        tree = written(tmp_path, test_ok=f"import os, sys\n{words}\ndef test_a(): pass\n")

        run = run_python(tree, pytest_spec())

        assert (run.end, run.results) == (end, ()), words


def test_pytest_without_tests_is_no_tests(tmp_path: Path) -> None:
    tree = written(tmp_path, tests__test_none="x = 1\n")

    run = run_python(tree, pytest_spec())

    assert (run.end, run.results) == (RunEnd.NO_TESTS, ())


def test_pytest_ids_that_change_or_come_twice_are_left_out(tmp_path: Path) -> None:
    text = """
import pytest

@pytest.mark.parametrize("x", [1], ids=[repr(object())])
def test_changes(x): pass
def test_stays(): pass
"""
    tree = written(tmp_path, test_ids=text)

    run = run_python(tree, pytest_spec())

    assert outcomes(run) == {"test_ids.py::test_stays": "passed"}
    assert len(run.unstable) == 1
    assert run.unstable[0].startswith("test_ids.py::test_changes[<object object at 0x")


def test_pytest_shuffle_changes_the_order_by_its_seed_alone(tmp_path: Path) -> None:
    tests = "".join(
        f"def test_{n}():\n    raise ValueError(SEEN.append({n}) or SEEN)\n" for n in range(6)
    )
    tree = written(tmp_path, test_order=f"SEEN = []\n{tests}")

    def order(shuffle: int | None) -> str:
        run = run_python(tree, pytest_spec(), shuffle=shuffle)
        return max((r.failure.message for r in run.results if r.failure), key=len)

    plain, first, again = (order(seed) for seed in (None, 1, 1))

    assert plain == "[0, 1, 2, 3, 4, 5]"
    assert first == again != plain


def test_pytest_hypothesis_has_no_dice(tmp_path: Path) -> None:
    text = """
from hypothesis import given, strategies

DRAWN = []

@given(strategies.integers())
def test_draws(number):
    DRAWN.append(number)

def test_tells():
    raise ValueError(DRAWN[:20])
"""
    tree = written(tmp_path, test_draws=text)

    first, second = (run_python(tree, pytest_spec()).results for _ in range(2))

    assert [result.failure for result in first] == [result.failure for result in second]


def test_pytest_trace_tells_lines_and_their_tests(tmp_path: Path) -> None:
    tree = copied("suite-pytest", tmp_path)

    run, reach = trace_suite(pytest_spec(), python_environment(), tree, limits=LIMITS)

    assert outcomes(run) == ALL
    assert reach.lines == {"src/shelf.py": frozenset({1, 2, 5, 8, 15, 18, 24, 25, 26, 27, 28})} or (
        reach.lines == {"src/shelf.py": frozenset({1, 5, 8, 15, 18, 24, 25, 26, 27, 28})}
    )
    assert reach.tests["src/shelf.py", 28] == ("tests/test_outcomes.py::test_does_not_raise",)
    assert ("src/shelf.py", 8) not in reach.tests
    assert len(reach.tests["src/shelf.py", 15]) == 5


def test_pytest_local_module_named_pytest_does_not_take_its_place(tmp_path: Path) -> None:
    fake = "def main(*args, **kwargs):\n    return 0\n"
    tree = written(tmp_path, pytest=fake, test_ok="def test_a(): assert False\n")

    run = run_python(tree, pytest_spec(path="."))

    assert list(outcomes(run).values()) == ["failed"]


def test_pytest_tree_s_sitecustomize_does_not_run_before_us(tmp_path: Path) -> None:
    tree = written(
        tmp_path, sitecustomize="import os\nos._exit(0)\n", test_ok="def test_a(): pass\n"
    )

    run = run_python(tree, pytest_spec(path="."))

    assert (run.end, list(outcomes(run).values())) == (RunEnd.COMPLETED, ["passed"])


def test_pytest_in_a_quick_run_reads_files_of_chosen_tests_and_what_sets_up(tmp_path: Path) -> None:
    tree = written(
        tmp_path,
        tests__conftest="import pytest\n@pytest.fixture\ndef three(): return 3\n",
        tests__test_a="def test_a(three): assert three == 3\n",
        tests__test_b="raise RuntimeError('read')\n",
        tests__more__conftest="import pytest\n@pytest.fixture\ndef four(): return 4\n",
        tests__more__test_c="import os\ndef test_c(four): pass\ndef test_d(): os._exit(3)\n",
    )
    wanted = (
        "tests/more/test_c.py::test_c",
        "tests/more/test_c.py::test_d",
        "tests/test_a.py::test_a",
    )

    run = run_python(tree, pytest_spec(), select=wanted, is_quick=True)

    assert run.end is RunEnd.COMPLETED
    assert outcomes(run) == dict(zip(wanted, ("passed", "crashed", "passed"), strict=True))
    whole = run_python(tree, pytest_spec(), select=wanted)
    assert (whole.end, outcomes(whole)) == (RunEnd.COLLECTION_ERROR, outcomes(run))


def test_pytest_of_a_chosen_test_that_is_in_no_file_reads_all(tmp_path: Path) -> None:
    tree = written(tmp_path, tests__test_a="def test_a(): pass\n")

    wanted = ("tests/test_a.py::test_a", "gone.py::test_x")
    run = run_python(tree, pytest_spec(), select=wanted, is_quick=True)

    assert outcomes(run) == {"tests/test_a.py::test_a": "passed"}


def test_pytest_in_a_quick_run_does_not_pass_what_python_leaves_out(tmp_path: Path) -> None:
    tree = written(tmp_path, tests__test_a="def test_a(): assert 1 == 2\n")
    variables = (("PYTHONOPTIMIZE", "1"),)
    wanted = ("tests/test_a.py::test_a",)

    run = run_python(tree, pytest_spec(), select=wanted, is_quick=True, variables=variables)

    assert outcomes(run) == {wanted[0]: "failed"}
