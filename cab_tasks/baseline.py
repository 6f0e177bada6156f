"""
The seed's own suite before any bug: which tests are green and stable, what they reach, how long.
"""

from __future__ import annotations

import json
import math
import shlex
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from cab_tasks.errors import BaselineError
from cab_tasks.model import Reach, RunEnd, TestOutcome
from cab_tasks.ranges import from_ranges, to_ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from cab_tasks.model import Run

BAD = (TestOutcome.FAILED, TestOutcome.ERROR, TestOutcome.TIMEOUT, TestOutcome.CRASHED)
# Far apart, so that two machines choose the same one.
TASK_SUITE_S = (600, 6000, 36000)
TASK_TEST_S = (60, 600, 6000)
FORMAT = 5  # of kept files
BUSY_CORES = 1.3  # a suite that keeps more busy has no room for another beside it
SHORT_S = 2.0  # of a shorter suite nobody can tell how many cores it uses
_DOUBTED = "flaky?"  # passes in the suite's own order, so far: another such run tells
_ROUNDS = 3  # of leaving out tests that need others
LISTED = 20  # red tests named in an error; more scroll the reason away


@dataclass(frozen=True, slots=True)
class Condition:
    """
    What a repeated run changes: order of the tests, hash seed, time zone.
    """

    shuffle: int | None = None
    variables: tuple[tuple[str, str], ...] = ()


PLAIN = Condition()


def condition(number: int) -> Condition:
    """
    The `number`-th way to run a suite again; 0 is the plain one. Constants, so runs compare.
    """
    if number == 0:
        return PLAIN
    zones = ("Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu")
    zone = zones[(number - 1) % len(zones)]
    return Condition(number, (("PYTHONHASHSEED", str(1000 + number)), ("TZ", zone)))


@dataclass(frozen=True, slots=True)
class Baseline:
    """
    `green` are the stable passing tests, sorted; `excluded` maps the others to a reason
    (`skipped`, `fails`, `flaky`, `depends on order or environment`). `durations_s` is of green
    tests.
    """

    green: tuple[str, ...]
    excluded: Mapping[str, str]
    duration_s: float
    slowest_s: float
    reach: Reach = field(default_factory=Reach)
    durations_s: Mapping[str, float] = field(default_factory=dict)
    cores: float = 1.0  # that its processes keep busy at once
    peak_bytes: int = 0  # memory of its largest process

    def suite_timeout_s(self) -> int:
        """Of a trial: ten times the baseline, in steps of a minute, two minutes at least."""
        return max(120, math.ceil(self.duration_s * 10 / 60) * 60)

    def test_timeout_s(self) -> int:
        """Of a trial: twenty times the slowest test, in steps of ten seconds, ten at least."""
        return max(10, math.ceil(self.slowest_s * 20 / 10) * 10)

    def task_suite_timeout_s(self) -> int:
        """Of a task: a constant, so that a measured time does not get into the bundle."""
        return next(limit for limit in TASK_SUITE_S if limit >= min(10 * self.duration_s, 36000))

    def task_test_timeout_s(self) -> int:
        """Of one test in a task; constant likewise."""
        return next(limit for limit in TASK_TEST_S if limit >= min(20 * self.slowest_s, 6000))


def measure(
    run: Callable[[Condition], Run],
    trace: Callable[[], tuple[Run, Reach]],
    *,
    allow_red: bool,
    has_room: bool = False,
    command: Sequence[str] = (),
    run_only: Callable[[tuple[str, ...]], Run] | None = None,
) -> Baseline:
    """
    Run the suite plainly, under another condition, and traced; compare test by test.

    `has_room` where two runs may be made at once: there is a core for each, and no build that they
    share. The first one, whose times count, is always alone. `command` is the suite's, for advice.
    `run_only` runs these tests and no other: some need one that fails to have run before them.

    Raises:
        BaselineError: no test, or some fail or are flaky and `allow_red` is off.
    """
    plain = _completed(run(PLAIN), command)
    if has_room and _cores(plain) < BUSY_CORES:
        waiting = _beside(lambda: run(condition(1)))
        traced, reach = trace()
        shuffled = _completed(waiting())
    else:
        # The traced run last: it may have a build of its own, and the others share one.
        shuffled = _completed(run(condition(1)))
        traced, reach = trace()
    runs = [plain, _completed(traced), shuffled]
    outcomes = [run_.outcomes() for run_ in runs]
    excluded = {
        test: reason
        for test in sorted(outcomes[0])
        if (reason := _reason([outcome.get(test) for outcome in outcomes]))
    }
    doubted = [test for test, reason in excluded.items() if reason == _DOUBTED]
    if doubted:
        again = _completed(run(PLAIN)).outcomes()
        for test in doubted:
            is_same = again.get(test) is TestOutcome.PASSED
            excluded[test] = "depends on order or environment" if is_same else "flaky"
    excluded.update(
        dict.fromkeys(plain.unstable, "its id changes from run to run, or stands for several")
    )
    _refuse_red(excluded, allow_red=allow_red)
    green = tuple(test for test in sorted(outcomes[0]) if test not in excluded)
    if run_only is not None and green:
        green = _independent(run_only, green, excluded)
    if not green:
        raise BaselineError("no test of the suite passes; nothing can notice a bug")
    durations = {result.id: result.duration_s for result in plain.results}
    slowest = max(durations.values(), default=0.0)
    kept = {test: round(durations[test], 6) for test in green}
    return Baseline(
        green, excluded, plain.duration_s, slowest, _of_green(reach, set(green)), kept,
        _cores(plain),
        plain.peak_bytes,
    )  # fmt: skip


def _independent(
    run_only: Callable[[tuple[str, ...]], Run], green: tuple[str, ...], excluded: dict[str, str]
) -> tuple[str, ...]:
    """
    The tests that are green without those that are left out; the others are left out, too.
    """
    for _ in range(_ROUNDS):
        if all(reason == "skipped" for reason in excluded.values()):
            return green
        made = run_only(green)
        if made.end is not RunEnd.COMPLETED:
            return green  # says nothing of single tests
        outcomes = made.outcomes()
        needy = [test for test in green if outcomes.get(test) is not TestOutcome.PASSED]
        if not needy:
            return green
        excluded.update(dict.fromkeys(needy, "depends on tests that are left out"))
        green = tuple(test for test in green if test not in excluded)
    return green


def _cores(plain: Run) -> float:
    return round(plain.cpu_s / plain.duration_s, 2) if plain.duration_s > SHORT_S else 1.0


def _beside(run: Callable[[], Run]) -> Callable[[], Run]:
    """
    Start a run in a thread that does not hold up the end of the program; what waits for its end.
    """
    ended: SimpleQueue[Run | BaseException] = SimpleQueue()

    def work() -> None:
        try:
            ended.put(run())
        except BaseException as error:  # noqa: BLE001 - raised again by who waits
            ended.put(error)

    def wait() -> Run:
        got = ended.get()
        if isinstance(got, BaseException):
            raise got
        return got

    Thread(target=work, daemon=True).start()
    return wait


def _of_green(reach: Reach, green: set[str]) -> Reach:
    """
    Without what only other tests execute: they would notice nothing. As it is where tests are not
    told apart.
    """
    if not reach.tests:
        return reach
    kept = {
        at: tuple(test for test in found if test in green) for at, found in reach.distinct().items()
    }
    tests = {place: kept[id(found)] for place, found in reach.tests.items() if kept[id(found)]}
    lines: dict[str, set[int]] = {path: set(found) for path, found in reach.imported.items()}
    for path, line in tests:
        lines.setdefault(path, set()).add(line)
    return replace(
        reach, lines={path: frozenset(found) for path, found in lines.items()}, tests=tests
    )


def _reason(outcomes: Sequence[TestOutcome | None]) -> str:
    plain, traced, shuffled = outcomes
    if plain is TestOutcome.SKIPPED:
        return "skipped"
    if plain in BAD:
        return "fails" if traced in BAD else "flaky"
    if traced is not TestOutcome.PASSED:
        # Each is traced alone. What passes whenever it is not is no flaky test: it needs others, or
        # minds being traced (a depth of recursion, a time).
        return _DOUBTED if traced in BAD and shuffled in BAD else "cannot be traced"
    return "" if shuffled is TestOutcome.PASSED else "depends on order or environment"


def _refuse_red(excluded: Mapping[str, str], *, allow_red: bool) -> None:
    red = [(test, why) for test, why in excluded.items() if why in ("fails", "flaky")]
    if not red or allow_red:
        return
    error = BaselineError(
        f"{len(red)} tests are not green before any bug; mend or skip them, or go on with the "
        "others by --allow-red"
    )
    for test, why in red[:LISTED]:
        error.add_note(f"{why}: {test}")
    if len(red) > LISTED:
        error.add_note(f"and {len(red) - LISTED} more")
    raise error


def _completed(run: Run, command: Sequence[str] = ()) -> Run:
    if run.end is RunEnd.COMPLETED:
        return run
    hint = {
        RunEnd.BUILD_FAILED: "the seed does not build",
        RunEnd.COLLECTION_ERROR: "tests could not be collected",
        RunEnd.NO_TESTS: "the suite names no test; give its command by --test-command",
        RunEnd.TIMEOUT: "the suite runs over its time limit; give a longer --timeout",
    }.get(run.end, f"the suite ended as {run.end}")
    error = BaselineError(hint)
    for line in run.detail.strip().splitlines()[-LISTED:]:
        error.add_note(line)
    if run.uncollected:
        error.add_note(_advice(run.uncollected, command))
    raise error


def _advice(uncollected: Sequence[str], command: Sequence[str]) -> str:
    """
    How to go on where some files cannot be loaded.
    """
    files = sorted({place.partition("::")[0] for place in uncollected})
    if "pytest" not in command or not all(file.endswith(".py") for file in files):
        return "go on without these by a --test-command that names the others"
    words = shlex.join((*command, *(f"--ignore={file}" for file in files)))
    return f"go on without these by --test-command {shlex.quote(words)}"


def load(path: Path) -> Baseline | None:
    """
    A baseline kept by `save`; None where there is none yet.
    """
    if not path.is_file():
        return None
    plain = json.loads(path.read_text())
    reach = Reach(
        {file: frozenset(lines) for file, lines in plain["lines"].items()},
        _read_tests(plain["tests"]),
        {file: frozenset(lines) for file, lines in plain["imported"].items()},
        tuple(plain["spawning"]),
    )
    return Baseline(
        tuple(plain["green"]),
        plain["excluded"],
        plain["duration_s"],
        plain["slowest_s"],
        reach,
        plain["durations_s"],
        plain["cores"],
        plain["peak_bytes"],
    )


def _plain_tests(reach: Reach) -> dict[str, Any]:
    """
    Names of tests, the sets of them as ranges of their numbers, and which set reaches a place.
    """
    distinct = reach.distinct()
    names = sorted({test for tests in distinct.values() for test in tests})
    numbers = {test: number for number, test in enumerate(names)}
    places = {at: number for number, at in enumerate(distinct)}
    return {
        "names": names,
        "sets": [to_ranges(numbers[test] for test in tests) for tests in distinct.values()],
        "places": [(*place, places[id(tests)]) for place, tests in sorted(reach.tests.items())],
    }


def _read_tests(plain: dict[str, Any]) -> dict[tuple[str, int], tuple[str, ...]]:
    names = plain["names"]
    sets = [tuple(names[number] for number in from_ranges(ranges)) for ranges in plain["sets"]]
    return {(file, line): sets[number] for file, line, number in plain["places"]}


def save(baseline: Baseline, path: Path) -> None:
    """
    Keep a baseline; the caller names the file by content.
    """
    plain = {
        "green": baseline.green,
        "excluded": dict(baseline.excluded),
        "duration_s": baseline.duration_s,
        "slowest_s": baseline.slowest_s,
        "lines": {path: sorted(lines) for path, lines in baseline.reach.lines.items()},
        "tests": _plain_tests(baseline.reach),
        "imported": {path: sorted(lines) for path, lines in baseline.reach.imported.items()},
        "spawning": baseline.reach.spawning,
        "durations_s": dict(baseline.durations_s),
        "cores": baseline.cores,
        "peak_bytes": baseline.peak_bytes,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".partial")
    beside.write_text(json.dumps(plain))
    beside.replace(path)
