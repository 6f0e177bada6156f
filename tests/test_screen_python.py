"""
Python mutants in a process that has imported and collected already: outcomes are a plain run's.

"Trap N" is the number in the list of pitfalls that the fast engine was designed by.
"""

from __future__ import annotations

import pickle
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from screen_runs import ends, measured, mutant, opened
from suite_runs import LIMITS, REPOS, outcomes, pytest_spec, python_environment, written

from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.model import Lane, RunEnd
from cab_tasks.screen import prepare_screen
from cab_tasks.suite import run_suite
from mutators.base import apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.model import Mutant, Run
    from cab_tasks.screen import Screen, Setting

KINDS, TROUBLE = "shop/kinds.py", "shop/trouble.py"
SPEC = pytest_spec(path=".")

# What a mutant changes, and the tests that fail of it; all by code swap.
SWAPPED = {
    "decorated": ("number + 2", "number + 3", {"test_decorated", "test_partial"}),
    "lru_cache": ("number + 3", "number + 4", {"test_cached_once", "test_cached_again"}),
    "singledispatch": ('"int "', '"integer "', {"test_dispatch"}),
    "generator": ("number + 4", "number + 5", {"test_generator"}),
    "context manager": ('"!"', '"?"', {"test_context"}),
    "coroutine": ("number + 5", "number + 6", {"test_coroutine"}),
    "async generator": ("number + 6", "number + 7", {"test_async_generator"}),
    "closures, old and new": (
        "number + step",
        "number - step",
        {"test_closure_made_at_import", "test_closure_made_now"},
    ),
    "method of a metaclass": ('"tag"', '"gat"', {"test_metaclass"}),
    "super()": ('" thing"', '" thong"', {"test_super"}),
    "mangled name": ("number + 9", "number - 9", {"test_mangled", "test_class_method"}),
    "property": ("number * 2", "number * 3", {"test_property"}),
    "static method": ("number + 10", "number - 10", {"test_static"}),
    "class method": ("number + 11", "number - 11", {"test_class_method"}),
    "method of a dataclass": ("self.x + self.y", "self.x", {"test_dataclass", "test_pickled"}),
}
# What runs as modules are imported: by whole runs.
SLOW = {
    "class body": ("y: int = 12", "y: int = 11", {"test_dataclass"}),
    "decorator": ("@functools.lru_cache(maxsize=None)", "@property", None),
    "module level": ("for number in range(3)", "for number in (1, 2)", {"test_table"}),
    "function that runs at import": (
        "    return number + 1\n\n\ndef logged",
        "    return number + 2\n\n\ndef logged",
        {"test_plain", "test_program", "test_table", "test_by_module[5]", "test_by_module[6]"},
    ),
}


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    folder = tmp_path_factory.mktemp("screen")
    tree = folder / "tree"
    shutil.copytree(REPOS / "screen-pytest", tree)
    return measured(tree, SPEC, folder)


@pytest.fixture(scope="module")
def screen(setting: Setting) -> Iterator[Screen]:
    with opened(setting) as screen:
        yield screen


@pytest.mark.parametrize(("old", "new", "failing"), SWAPPED.values(), ids=SWAPPED)
def test_screen_trap_1_swaps_code_in_every_live_function(
    setting: Setting, screen: Screen, old: str, new: str, failing: set[str]
) -> None:
    said = screen.screen(mutant(setting, KINDS, (old, new)))

    assert (said.end, said.lane, ends(said)) == (
        RunEnd.COMPLETED,
        Lane.FAST,
        dict.fromkeys(failing, "failed"),
    )
    assert said.ran < 10


@pytest.mark.parametrize(("old", "new", "failing"), SLOW.values(), ids=SLOW)
def test_screen_imports_anew_what_a_swap_cannot_express(
    setting: Setting, screen: Screen, old: str, new: str, failing: set[str] | None
) -> None:
    changed = mutant(setting, KINDS, (old, new))

    said = screen.screen(changed)

    assert said.lane is Lane.SLOW
    if failing is None:
        assert said.end is RunEnd.COLLECTION_ERROR or ends(said) == plain_ends(setting, changed)
    else:
        assert (said.end, ends(said)) == (RunEnd.COMPLETED, dict.fromkeys(failing, "failed"))


def test_screen_right_code_passes_every_test_that_reaches_it(
    setting: Setting, screen: Screen
) -> None:
    said = screen.screen(mutant(setting, KINDS, ("self.__number + 9", "9 + self.__number")))

    assert (said.end, said.results, said.lane) == (RunEnd.COMPLETED, (), Lane.FAST)
    assert said.ran == 3  # two that reach it, and the one that starts a program


def test_screen_mutant_of_several_edits_in_one_function_is_swapped(
    setting: Setting, screen: Screen
) -> None:
    changes = (("if key not in SEEN", "if key in SEEN"), ("len(key)\n", "len(key) + 1\n"))

    said = screen.screen(mutant(setting, TROUBLE, *changes))

    assert said.lane is Lane.FAST
    assert ends(said) == {"test_remember": "failed", "test_remember_again": "failed"}


def test_screen_program_that_a_test_starts_sees_the_mutant(
    setting: Setting, screen: Screen
) -> None:
    said = screen.screen(mutant(setting, "shop/__main__.py", ("plain(2)", "plain(3)")))

    assert ends(said) == {"test_program": "failed"}


def test_screen_trap_4_crash_costs_one_test(setting: Setting, screen: Screen) -> None:
    crash = ("return sum(numbers)", "os._exit(0)")
    again = ("if hard:", "if not hard:")

    first = screen.screen(mutant(setting, TROUBLE, crash))
    second = screen.screen(mutant(setting, TROUBLE, again), only=setting.green)

    assert ends(first) == {"test_consume": "crashed"}
    assert (second.end, ends(second)) == (RunEnd.COMPLETED, {"test_stop": "crashed"})
    assert second.ran == len(setting.green)


def test_screen_trap_5_slow_test_has_a_limit_of_its_own(setting: Setting, screen: Screen) -> None:
    said = screen.screen(mutant(setting, TROUBLE, ("time.sleep(seconds)", "time.sleep(0.5)")))

    assert (said.results, said.hung_s) == ((), 0)


def test_screen_trap_6_hang_is_no_failure_and_names_its_tests(
    setting: Setting, screen: Screen
) -> None:
    said = screen.screen(mutant(setting, TROUBLE, ("number = number - 1", "number = number")))

    assert ends(said) == {"test_count_down": "timeout", "test_count_down_again": "timeout"}
    assert said.ran == 3
    assert 0 < said.hung_s < 1


def test_screen_trap_10_fuel_is_per_test_and_dear_loops_get_more(
    setting: Setting, screen: Screen
) -> None:
    more = (
        "for _ in range(number):\n        total += 1",
        "for _ in range(50 * number):\n        total += 1/50",
    )

    said = screen.screen(mutant(setting, TROUBLE, more))

    assert ends(said) == {"test_slow_count": "failed"}  # by rounding: it ran to its end


@pytest.mark.parametrize(
    ("old", "new", "failing"),
    [
        pytest.param("time.sleep(seconds)", "time.sleep(600)", "test_rest", id="sleep"),
        pytest.param("iter([1, 2])", "iter(int, 1)", "test_consume", id="loop in C"),
        pytest.param("return question", "return input()", "test_snapshot", id="input closed"),
    ],
)
def test_screen_hang_without_fuel_is_stopped_by_a_clock(
    setting: Setting, screen: Screen, old: str, new: str, failing: str
) -> None:
    said = screen.screen(mutant(setting, TROUBLE, (old, new)))

    is_closed = new == "return input()"
    assert ends(said) == {failing: "failed" if is_closed else "timeout"}
    assert is_closed or said.hung_s < 20


def test_screen_state_that_tests_share_breaks_all_of_them(setting: Setting, screen: Screen) -> None:
    memo = screen.screen(mutant(setting, TROUBLE, ("len(key)\n", "len(key) + 1\n")))
    fixture = screen.screen(mutant(setting, TROUBLE, ('"connection"', '"none"')))

    assert ends(memo) == {"test_remember": "failed", "test_remember_again": "failed"}
    assert ends(fixture) == {"test_connection": "failed", "test_connection_again": "failed"}


def test_screen_thread_runs_the_mutant(setting: Setting, screen: Screen) -> None:
    said = screen.screen(mutant(setting, TROUBLE, ("found.append(number + 1)", "found.append(1)")))

    assert (said.lane, ends(said)) == (Lane.FAST, {"test_thread": "failed"})


def test_screen_file_that_a_mutant_wrote_is_put_back(setting: Setting, screen: Screen) -> None:
    """
    A test that updates its own expectation would pass the second time.
    """
    changed = mutant(setting, TROUBLE, ("    return question\n", "    return question + '!'\n"))

    first, second = (screen.screen(changed) for _ in range(2))
    right = screen.screen(mutant(setting, TROUBLE, ("question ==", "question  ==")))

    assert ends(first) == ends(second) == {"test_snapshot": "failed"}
    assert right.results == ()


def test_screen_memory_without_end_fails_its_test_alone(setting: Setting, screen: Screen) -> None:
    grows = ("bytearray(size)", "bytearray(size << 28)")

    said = screen.screen(mutant(setting, TROUBLE, grows))

    assert ends(said) == {"test_memory": "failed"}


def test_screen_only_runs_the_named_tests(setting: Setting, screen: Screen) -> None:
    only = ("tests/test_kinds.py::test_cached_again",)
    changed = mutant(setting, KINDS, ("number + 3", "number + 4"))

    said = screen.screen(changed, only=only)

    assert (ends(said), said.ran) == ({"test_cached_again": "failed"}, 1)


def test_screen_first_flip_stops_there(setting: Setting, screen: Screen) -> None:
    changed = mutant(setting, KINDS, ("number + 3", "number + 4"))

    said = screen.screen(changed, first_flip=True)

    assert list(ends(said).values()) == ["failed"]


def test_screen_describes_failures_as_a_plain_run_does(setting: Setting, screen: Screen) -> None:
    changed = mutant(setting, KINDS, ("self.x + self.y", "self.x / 0"))

    said = screen.screen(changed, describe=True)
    plain = plain_run(setting, changed)

    failures = {result.id: result.failure for result in plain.results if result.failure}
    assert {result.id: result.failure for result in said.results} == failures
    assert len(failures) == 2


def test_screen_agrees_with_plain_runs(setting: Setting, screen: Screen) -> None:
    changes = {
        KINDS: [
            ("number > 100", "number >= 100"),
            ("limit = 8", "limit = 9"),
            ("value)\n\n\n@shown", "value) + ''\n\n\n@shown"),
        ],
        TROUBLE: [
            ("if key not in SEEN:", "if False:"),
            ("while number > 0:", "while number >= 0:"),
        ],
    }
    for path, pairs in changes.items():
        for pair in pairs:
            changed = mutant(setting, path, pair)

            assert ends(screen.screen(changed)) == plain_ends(setting, changed), pair


def test_screen_says_the_same_twice(setting: Setting, screen: Screen) -> None:
    changed = [mutant(setting, KINDS, pair[:2]) for pair in SWAPPED.values()]

    first, second = ([ends(screen.screen(one)) for one in changed] for _ in range(2))

    assert first == second


def test_screen_of_a_suite_with_threads_goes_the_slow_way(tmp_path: Path) -> None:
    threads = """
import threading
import time

threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def double(number):
    return number * 2
"""
    test = "from double import double\ndef test_double():\n    assert double(3) == 6\n"
    tree = written(tmp_path, double=threads, test_double=test)
    measured_ = measured(tree, SPEC, tmp_path)

    with opened(measured_) as screen:
        said = screen.screen(mutant(measured_, "double.py", ("number * 2", "number * 3")))

    assert (said.lane, ends(said)) == (Lane.SLOW, {"test_double": "failed"})
    assert said.detail.startswith("threads run: ")


def test_screen_module_that_a_test_imports_itself_is_read_anew(tmp_path: Path) -> None:
    code = "FACTOR = 2\n\n\ndef double(number):\n    return number * FACTOR\n"
    test = """
def test_double():
    from double import double
    assert double(3) == 6

def test_again():
    from double import double
    assert double(0) == 0
"""
    tree = written(tmp_path, double=code, test_double=test)
    measured_ = measured(tree, SPEC, tmp_path)

    with opened(measured_) as screen:
        said = screen.screen(mutant(measured_, "double.py", ("FACTOR = 2", "FACTOR = 3")))

    assert (said.lane, ends(said)) == (Lane.FAST, {"test_double": "failed"})


def test_screen_trap_7_the_suite_s_own_options_do_not_interfere(tmp_path: Path) -> None:
    code = "def double(number):\n    return number * 2\n"
    test = """
from double import double
def test_a(): assert double(1) == 2
def test_b(): assert double(2) == 4
"""
    tree = written(tmp_path, double=code, test_double=test)
    (tree / "pytest.ini").write_text("[pytest]\naddopts = -x --maxfail=1 --lf -vv --tb=long\n")
    measured_ = measured(tree, SPEC, tmp_path)

    with opened(measured_) as screen:
        said = screen.screen(mutant(measured_, "double.py", ("number * 2", "number * 3")))

    assert ends(said) == {"test_a": "failed", "test_b": "failed"}


def test_screen_property_based_tests_have_no_dice(tmp_path: Path) -> None:
    code = "def double(number):\n    return number * 2\n"
    test = """
from hypothesis import given, strategies
from double import double

@given(strategies.integers())
def test_double(number):
    assert double(number) == number + number
"""
    tree = written(tmp_path, double=code, test_double=test)
    measured_ = measured(tree, SPEC, tmp_path)
    changed = mutant(measured_, "double.py", ("number * 2", "number * 2 + (number > 5000)"))

    with opened(measured_) as screen:
        first, second = (ends(screen.screen(changed)) for _ in range(2))

    assert first == second


def test_screen_is_refused_where_another_copy_is_imported(tmp_path: Path) -> None:
    code = "def double(number):\n    return number * 2\n"
    test = """
import importlib.util
import pathlib
import sys

text = pathlib.Path("double.py").read_text().partition("canary")[0]
space = {}
exec(compile("def double(number):\\n    return number * 2\\n", "double.py", "exec"), space)

def test_double():
    from double import double
    assert space["double"](3) == 6 and double is not None
"""
    tree = written(tmp_path, double=code, test_double=test)
    measured_ = measured(tree, SPEC, tmp_path)

    with pytest.raises(SeedEnvironmentError, match="no test"), opened(measured_):
        pass


def test_screen_prepared_can_be_sent_to_another_process(setting: Setting) -> None:
    prepared = prepare_screen(setting, ())

    assert pickle.loads(pickle.dumps(prepared)) == prepared
    assert prepared.unseen == frozenset()


def plain_run(setting: Setting, changed: Mutant) -> Run:
    """
    The whole suite in a copy of the tree with the mutant in it.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        shutil.copytree(setting.tree, tree)
        path = tree / changed.path
        path.write_bytes(apply_edits(path.read_bytes(), changed.edits))
        return run_suite(SPEC, python_environment(), tree, limits=LIMITS, test_timeout_s=3)


def plain_ends(setting: Setting, changed: Mutant) -> dict[str, str]:
    return {
        test.rpartition("::")[2]: outcome
        for test, outcome in outcomes(plain_run(setting, changed)).items()
        if test in setting.green and outcome != "passed"
    }


def test_screen_clocks_go_on_where_a_test_stops_time_in_every_module(tmp_path: Path) -> None:
    """
    As freezegun does: functions of `time` are replaced wherever a module has them.
    """
    # The import leaves no flag in the code: every version has this feature.
    code = "from __future__ import absolute_import\n\ndef double(n):\n    return n + n\n"
    test = """
import sys
import time

from double import double

def test_double():
    real = {id(getattr(time, name)) for name in ("monotonic", "process_time", "time")}
    held = [
        (module, name, value)
        for module in list(sys.modules.values())
        for name, value in list(vars(module).items())
        if id(value) in real and module is not time
    ]
    for module, name, _ in held:
        setattr(module, name, lambda: 1e9)
    try:
        for _ in range(12):
            time.sleep(0.02)
        assert double(3) == 6
    finally:
        for module, name, value in held:
            setattr(module, name, value)
"""
    tree = written(tmp_path, double=code, test_double=test)
    measured_ = measured(tree, SPEC, tmp_path)

    with opened(measured_) as screen:
        said = screen.screen(mutant(measured_, "double.py", ("n + n", "n * n")))

    assert (said.lane, ends(said)) == (Lane.FAST, {"test_double": "failed"})


def test_screen_file_outside_of_the_tree_is_as_it_was_for_each_mutant(tmp_path: Path) -> None:
    """
    It was there before the first test, so it is not simply removed.
    """
    code = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
    test = """
import os, tempfile
from double import add, sub

STORE = os.path.join(tempfile.mkdtemp(), "counter")
with open(STORE, "w") as handle:
    handle.write("0")

def test_sub():
    assert sub(3, 1) == 2

def test_store():
    with open(STORE) as handle:
        number = add(int(handle.read()), 1)
    with open(STORE, "w") as handle:
        handle.write(str(number))
    assert number == 1
"""
    tree = written(tmp_path, double=code, test_double=test)
    measured_ = measured(tree, SPEC, tmp_path)
    same = mutant(measured_, "double.py", ("a + b", "b + a"))

    with opened(measured_) as screen:
        said = [ends(screen.screen(same)) for _ in range(2)]

    assert said == [{}, {}]
