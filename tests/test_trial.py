"""
What one run of a mutant's suite stands for.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cab_tasks.baseline import Baseline, Condition, load, measure, save
from cab_tasks.errors import BaselineError
from cab_tasks.model import Failure, Outcome, Reach, Run, RunEnd, TestOutcome, TestResult
from cab_tasks.ranges import from_ranges, to_ranges
from cab_tasks.trial import _stable_failures, classify

if TYPE_CHECKING:
    from pathlib import Path

P, F, S, T = (
    TestOutcome.PASSED,
    TestOutcome.FAILED,
    TestOutcome.SKIPPED,
    TestOutcome.TIMEOUT,
)


def run(*outcomes: TestOutcome | None, end: RunEnd = RunEnd.COMPLETED) -> Run:
    """
    Tests t0, t1, …; None: the test is not in the output.
    """
    results = [TestResult(f"t{at}", one) for at, one in enumerate(outcomes) if one is not None]
    return Run(end, tuple(results), 1.0)


def baseline(tests: int) -> Baseline:
    return Baseline(tuple(sorted(f"t{at}" for at in range(tests))), {}, 1.0, 0.1)


@pytest.mark.parametrize(
    ("made", "tests", "outcome", "broken"),
    [
        (run(P, P, P), 3, Outcome.SURVIVED, {}),
        (run(P, F, P), 3, Outcome.CAUGHT, {"t1": "failed"}),
        (run(P, F, None), 3, Outcome.CAUGHT, {"t1": "failed", "t2": "absent"}),
        (run(P, P, None), 3, Outcome.COLLECTION_ERROR, {"t2": "absent"}),
        (run(P, S, P), 3, Outcome.COLLECTION_ERROR, {"t1": "skipped"}),
        (run(P, T, F), 3, Outcome.TIMEOUT, {"t1": "timeout", "t2": "failed"}),
        (run(F, F, F), 3, Outcome.CATASTROPHIC, {"t0": "failed", "t1": "failed", "t2": "failed"}),
        (run(end=RunEnd.BUILD_FAILED), 3, Outcome.BUILD_FAILED, {}),
        (run(end=RunEnd.COLLECTION_ERROR), 3, Outcome.COLLECTION_ERROR, {}),
        (run(end=RunEnd.NO_TESTS), 3, Outcome.COLLECTION_ERROR, {}),
        (run(end=RunEnd.TIMEOUT), 3, Outcome.TIMEOUT, {}),
        (run(end=RunEnd.ERROR), 3, Outcome.ERROR, {}),
    ],
)
def test_classify_tells_outcomes_apart(
    made: Run, tests: int, outcome: Outcome, broken: dict[str, str]
) -> None:
    trial = classify(made, baseline(tests))

    assert (trial.outcome, dict(trial.broken)) == (outcome, broken)


def test_classify_calls_more_than_half_of_a_large_suite_catastrophic() -> None:
    half = run(*[F] * 10, *[P] * 10)
    more = run(*[F] * 11, *[P] * 9)

    assert classify(half, baseline(20)).outcome is Outcome.CAUGHT
    assert classify(more, baseline(20)).outcome is Outcome.CATASTROPHIC
    assert classify(more, baseline(20), max_broken=0.9).outcome is Outcome.CAUGHT


def test_classify_takes_hangs_where_they_are_allowed() -> None:
    trial = classify(run(P, T, P), baseline(3), allow_hangs=True)

    assert trial.outcome is Outcome.CAUGHT


def measured(plain: Run, traced: Run, shuffled: Run, *, allow_red: bool = False) -> Baseline:
    def of(condition: Condition) -> Run:
        return plain if condition.shuffle is None else shuffled

    return measure(of, lambda: (traced, Reach()), allow_red=allow_red)


def test_baseline_leaves_out_tests_that_depend_on_order() -> None:
    made = measured(run(P, P, S), run(P, P, S), run(P, F, S))

    assert made.green == ("t0",)
    assert made.excluded == {"t1": "depends on order or environment", "t2": "skipped"}


def test_baseline_refuses_red_and_flaky_tests_by_name() -> None:
    with pytest.raises(BaselineError, match="2 tests are not green") as refused:
        measured(run(P, F, F), run(P, F, P), run(P, F, P))

    assert refused.value.__notes__ == ["fails: t1", "flaky: t2"]


def test_baseline_goes_on_with_the_stable_green_tests_if_allowed() -> None:
    made = measured(run(P, F, F), run(P, F, P), run(P, F, P), allow_red=True)

    assert made.green == ("t0",)


def test_baseline_refuses_a_suite_without_tests() -> None:
    with pytest.raises(BaselineError, match="names no test"):
        measured(run(end=RunEnd.NO_TESTS), run(), run())


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        (
            "python -m pytest",
            "go on without these by --test-command "
            "'python -m pytest --ignore=extra/test_x.py --ignore=test_y.py'",
        ),
        ("python -m unittest", "go on without these by a --test-command that names the others"),
    ],
)
def test_baseline_tells_how_to_go_on_without_what_cannot_be_loaded(
    command: str, advice: str
) -> None:
    bad = Run(RunEnd.COLLECTION_ERROR, uncollected=("extra/test_x.py::TestA", "test_y.py"))

    with pytest.raises(BaselineError, match="could not be collected") as refused:
        measure(
            lambda _: bad, lambda: (bad, Reach()), allow_red=False, command=tuple(command.split())
        )

    assert refused.value.__notes__[-1] == advice


@pytest.mark.parametrize(
    ("again", "reason"), [(P, "depends on order or environment"), (F, "flaky")]
)
def test_baseline_asks_again_whether_a_test_is_flaky(again: TestOutcome, reason: str) -> None:
    plain = iter((run(P, P), run(P, again)))

    def of(condition: Condition) -> Run:
        return next(plain) if condition.shuffle is None else run(P, F)

    made = measure(of, lambda: (run(P, F), Reach()), allow_red=True)

    assert made.excluded == {"t1": reason}


def test_baseline_leaves_out_what_fails_only_while_it_is_traced() -> None:
    made = measured(run(P, P), run(P, F), run(P, P))

    assert (made.green, made.excluded) == (("t0",), {"t1": "cannot be traced"})


def test_baseline_leaves_out_what_needs_a_test_that_is_left_out() -> None:
    asked = []

    def run_only(tests: tuple[str, ...]) -> Run:
        asked.append(tests)
        alone = {"t1": F} if "t3" in tests else {"t1": F, "t2": F}  # t2 needs t3, t3 needs t0
        results = (TestResult(test, alone.get(test, P), 0.1) for test in tests)
        return Run(RunEnd.COMPLETED, tuple(results))

    def made(plain: Run) -> Baseline:
        return measure(lambda _: plain, lambda: (plain, Reach()), allow_red=True, run_only=run_only)

    assert made(run(P, P, S)).green == ("t0", "t1")
    assert asked == []  # all that runs is green
    assert made(run(F, P, P, P)).green == ("t2", "t3")
    assert made(run(F, P, P, F, P)).excluded["t2"] == "depends on tests that are left out"


def test_baseline_is_the_same_where_two_runs_are_made_at_once() -> None:
    both = threading.Barrier(2, timeout=30)  # each waits for the other

    def of(condition: Condition) -> Run:
        if condition.shuffle is not None:
            both.wait()
        return run(P, P, S) if condition.shuffle is None else run(P, F, S)

    def trace() -> tuple[Run, Reach]:
        both.wait()
        return run(P, P, S), Reach()

    made = measure(of, trace, allow_red=False, has_room=True)

    assert made == measured(run(P, P, S), run(P, P, S), run(P, F, S))


def test_error_of_the_run_beside_is_raised() -> None:
    def of(condition: Condition) -> Run:
        if condition.shuffle is not None:
            raise BaselineError("it broke")
        return run(P)

    with pytest.raises(BaselineError, match="it broke"):
        measure(of, lambda: (run(P), Reach()), allow_red=False, has_room=True)


def test_prompt_material_is_what_both_runs_say() -> None:
    warm = Failure("KeyError", "KeyError: 1", "t.py", 3, "f(a, now)", (("a", "1"), ("now", "8:15")))
    other = replace(warm, message="KeyError: 2", values=(("a", "1"), ("now", "8:16")))
    cold = Run(RunEnd.COMPLETED, (TestResult("t", F, 0.1, other),))

    made = _stable_failures({"t": warm, "gone": warm}, cold)

    assert made == {"t": replace(warm, message="", values=(("a", "1"),)), "gone": warm}


def test_kept_baseline_is_the_one_that_was_measured(tmp_path: Path) -> None:
    same = ("t0", "t1", "t3")
    tests = {("a.py", 1): same, ("a.py", 2): same, ("b.py", 9): ("t2",)}
    reach = Reach({"a.py": frozenset({1, 2})}, tests, {"a.py": frozenset({4})}, ("t1",))
    made = replace(measured(run(P, P), run(P, P), run(P, P)), reach=reach)

    save(made, tmp_path / "one.json")
    save(load(tmp_path / "one.json"), tmp_path / "two.json")

    assert load(tmp_path / "one.json") == made
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    found = load(tmp_path / "one.json").reach.tests
    assert found["a.py", 1] is found["a.py", 2]


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [([], []), ([3], [[3, 3]]), ([5, 1, 2, 3, 2], [[1, 3], [5, 5]]), ([0, 2], [[0, 0], [2, 2]])],
)
def test_ranges_are_of_neighbours(numbers: list[int], ranges: list[list[int]]) -> None:
    assert to_ranges(numbers) == ranges
    assert from_ranges(ranges) == sorted(set(numbers))
