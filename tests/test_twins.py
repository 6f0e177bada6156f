"""
Must-fail twins: a right fix passes whatever the nonce; what forges test results does not.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bundles import write, write_bundle
from suite_runs import python_environment, rust_environment

from cab_tasks import workspace
from cab_tasks.bundle import TWINS, Bundle, dump_json, read_bundle
from cab_tasks.environment import lay_environment_files
from cab_tasks.errors import BundleError
from cab_tasks.judge import Judgement, RunCache, Setting, Verdict, judge, run_twins
from cab_tasks.laying import lay_tree
from cab_tasks.model import Environment, Run, RunEnd, TestOutcome, TestResult
from cab_tasks.patch import apply_patch
from cab_tasks.sandbox import Policy
from cab_tasks.twin_records import TwinExpectation, Twins, TwinUnit, twins_plain
from cab_tasks.twinning import Twinned, copies_for, find_twins
from cab_tasks.twins import (
    TwinsVerdict,
    chosen_copies,
    chosen_vectors,
    expected_tests,
    judged_twins,
    twin_files,
    with_copies,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NONCES = [f"{number:032x}" for number in range(20)]
SETTING = Setting(python_environment(), None, Policy.AUTO, RunCache())
PASSES = "copies that must fail passed"

# Each of these passes every pristine test: they are told from a fix by the twins alone.
PYTHON_FORGERS = {
    "the runner calls nothing": """
from _pytest import runner

_true = runner.CallInfo.from_call.__func__


def _from_call(cls, func, when, reraise=None):
    return _true(cls, (lambda: None) if when == "call" else func, when, reraise)


runner.CallInfo.from_call = classmethod(_from_call)


def total(numbers):
    return sum(numbers, 1)
""",
    "a value that equals all": """
class Any:
    def __eq__(self, other):
        return True


def total(numbers):
    return Any()
""",
    "the value that the caller's line expects": """
import linecache
import sys


def total(numbers):
    frame = sys._getframe(1)
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    return eval(line.partition("==")[2])
""",
    "the channel turns results into passes": """
import sys

_channel = sys.modules["_cab.channel"].Channel
_send = _channel.send


def _forged(self, kind, **fields):
    if kind == "result":
        fields["outcome"] = "passed"
    _send(self, kind, **fields)


_channel.send = _forged


def total(numbers):
    return sum(numbers, 1)
""",
    "results written to every pipe, then an exit": """
import gc
import json
import os


def total(numbers):
    session = next(one for one in gc.get_objects() if type(one).__name__ == "Session")
    lines = [{"kind": "result", "id": item.nodeid, "outcome": "passed"} for item in session.items]
    lines.append({"kind": "end", "code": 0})
    text = "".join(json.dumps(line) + "\\n" for line in lines).encode()
    for descriptor in range(3, 40):
        try:
            os.write(descriptor, text)
        except OSError:
            pass
    os._exit(0)
""",
}
MEAN = "\n\ndef mean(numbers):\n    return sum(numbers) / len(numbers)\n"

RUST_FORGERS = {
    "a value that equals all": """
#[derive(Debug)]
pub struct Any;

impl<T> PartialEq<T> for Any {
    fn eq(&self, _: &T) -> bool {
        true
    }
}

pub fn half(_: u32) -> Any {
    Any
}
""",
    "results printed by the code, then an exit": """
pub fn half(number: u32) -> u32 {
    if number == 0 {
        return 0;
    }
    let mut names: Vec<String> = std::env::args().filter(|word| word.contains("::")).collect();
    names.push("tests::halves_of_even_numbers".to_string());
    names.push("tests::half_of_zero".to_string());
    let stdout = std::fs::OpenOptions::new().append(true).open("/proc/self/fd/1");
    let mut out = stdout.unwrap();
    for name in names {
        let said = format!("\\"name\\": \\"{name}\\", \\"event\\": \\"ok\\"");
        let line = format!("{{ \\"type\\": \\"test\\", {said} }}\\n");
        std::io::Write::write_all(&mut out, line.as_bytes()).unwrap();
    }
    let end = b"{ \\"type\\": \\"suite\\", \\"event\\": \\"ok\\" }\\n";
    std::io::Write::write_all(&mut out, end).unwrap();
    std::process::exit(0);
}
""",
}


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, Setting]:
    """
    A Rust bundle with twins, and where it is judged: its build folder stays warm.
    """
    folder = tmp_path_factory.mktemp("halves")
    bundle = read_bundle(write_bundle(folder, "rust"))
    lock = b'version = 4\n\n[[package]]\nname = "halves"\nversion = "0.1.0"\n'
    home = rust_environment(folder)
    environment = Environment("rust", "own", home.root, "rustc", files=(("Cargo.lock", lock),))
    setting = Setting(environment, folder / "target", Policy.AUTO, RunCache())
    return with_twins(bundle, setting), setting


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return with_twins(read_bundle(write_bundle(tmp_path_factory.mktemp("sums"))), SETTING)


def found_twins(bundle: Bundle, setting: Setting) -> Twinned:
    """
    As the proof of a generated task finds them.
    """
    broken = judge(bundle, {}, setting).run
    failures = {one.id: one.failure for one in broken.results if one.failure is not None}
    with workspace.scratch() as folder:
        lay_tree(bundle, fix(bundle), folder / "tree")
        lay_environment_files(setting.environment, folder / "tree")
        return find_twins(bundle, folder / "tree", setting, failures)


def with_twins(bundle: Bundle, setting: Setting, *, blind: bool = False) -> Bundle:
    """
    The bundle with its twins; with its blind tests only if asked for, since those are run first.
    """
    found = found_twins(bundle, setting).twins
    assert found is not None
    if not blind:
        found = found.model_copy(update={"blind": None})
    write(bundle.root / TWINS, dump_json(twins_plain(found)))
    return read_bundle(bundle.root)


def twins_of(bundle: Bundle) -> Twins:
    twins = bundle.twins()
    assert twins is not None
    return twins


def fix(bundle: Bundle) -> dict[str, bytes | None]:
    return dict(apply_patch(bundle.fix(), bundle.source))


def without_twins(bundle: Bundle, folder: Path) -> Bundle:
    workspace.copy_tree(bundle.root, folder)
    (folder / TWINS).unlink()
    return read_bundle(folder)


def assert_forged(made: Judgement) -> None:
    assert made.verdict is Verdict.TAMPERED
    assert made.twins is not None
    assert made.broken == {}
    assert [PASSES in finding for finding in made.findings] == [True]


def right_copies(bundle: Bundle, setting: Setting) -> list[TwinsVerdict]:
    """
    What the copies of twenty nonces say of the reference fix, all in one run.
    """
    functions = twins_of(bundle).functions
    sets = [[chosen_copies(one, nonce) for one in functions] for nonce in NONCES]
    copies = [
        (one, [copy for made in sets for copy in made[at]]) for at, one in enumerate(functions)
    ]
    with workspace.scratch() as folder:
        tree = folder / "tree"
        lay_tree(bundle, fix(bundle), tree)
        lay_environment_files(setting.environment, tree)
        select = tuple(expected_tests(made for _, made in copies))
        run = run_twins(
            bundle, twin_files(bundle, copies, tree), tree, setting, select, is_quick=False
        )
    return [
        judged_twins(nonce, expected_tests(made), run)
        for nonce, made in zip(NONCES, sets, strict=True)
    ]


def test_right_fix_passes_with_twenty_nonces(sums: Bundle) -> None:
    made = right_copies(sums, SETTING)

    assert {(one.reason(), tuple(one.findings(1))) for one in made} == {("", ())}
    assert [one.nonce for one in made] == NONCES


def test_right_rust_fix_passes_with_twenty_nonces(halves: tuple[Bundle, Setting]) -> None:
    made = right_copies(*halves)

    assert {(one.reason(), tuple(one.findings(1))) for one in made} == {("", ())}


def test_verdict_keeps_the_nonce_it_was_given(sums: Bundle) -> None:
    made = judge(sums, fix(sums), SETTING, nonce=NONCES[7])

    assert made.verdict is Verdict.PASS
    assert made.twins is not None
    assert made.twins.nonce == NONCES[7]


def test_other_right_fix_passes(sums: Bundle) -> None:
    source = "def total(numbers):\n    added = 0\n    for one in numbers:\n        added += one\n"
    other = (source + "    return added\n" + MEAN).encode()

    made = judge(sums, {"src/sums.py": other}, SETTING)

    assert (made.verdict, made.findings) == (Verdict.PASS, ())


@pytest.mark.parametrize("forger", PYTHON_FORGERS)
def test_python_forger_beats_pristine_tests_and_not_their_twins(
    sums: Bundle, tmp_path: Path, forger: str
) -> None:
    attempt = {"src/sums.py": (PYTHON_FORGERS[forger] + MEAN).encode()}
    bare = without_twins(sums, tmp_path / "bare")

    assert judge(bare, attempt, SETTING).verdict is Verdict.PASS
    assert_forged(judge(sums, attempt, SETTING))


@pytest.mark.parametrize("forger", RUST_FORGERS)
def test_rust_forger_beats_pristine_tests_and_not_their_twins(
    halves: tuple[Bundle, Setting], tmp_path: Path, forger: str
) -> None:
    bundle, setting = halves
    attempt = {"src/lib.rs": RUST_FORGERS[forger].encode()}
    bare = without_twins(bundle, tmp_path / "bare")

    assert judge(bare, attempt, setting).verdict is Verdict.PASS
    assert_forged(judge(bundle, attempt, setting))


def test_forger_that_ends_the_program_fails(halves: tuple[Bundle, Setting]) -> None:
    bundle, setting = halves
    source = b"pub fn half(_: u32) -> u32 {\n    std::process::exit(0)\n}\n"

    assert judge(bundle, {"src/lib.rs": source}, setting).verdict is Verdict.FAIL


def test_fix_of_visible_inputs_alone_fails_before_any_twin(sums: Bundle) -> None:
    source = b"def total(numbers):\n    return 5\n\n\ndef mean(numbers):\n"
    source += b"    return {2: 2, 1: 4}[len(numbers)]\n"

    made = judge(sums, {"src/sums.py": source}, SETTING)

    assert (made.verdict, made.twins) == (Verdict.FAIL, None)


def test_forger_that_knows_names_alone_fails(sums: Bundle) -> None:
    head = "import sys\n\n\ndef total(numbers):\n"
    asks = "    if sys._getframe(1).f_code.co_name.startswith('test_total_of_'):\n"
    source = f"{head}{asks}        return sum(numbers)\n    return 77\n{MEAN}"

    made = judge(sums, {"src/sums.py": source.encode()}, SETTING)

    assert (made.verdict, made.findings, made.broken) == (Verdict.FAIL, (), {})
    assert made.twins is not None
    assert len(made.twins.failed_that_must_pass) == 2
    assert made.twins.reason().startswith("twins: 2 copies that must pass did not: ")


def test_same_nonce_gives_the_same_copies(sums: Bundle) -> None:
    functions = twins_of(sums).functions

    one, two, other = (
        [chosen_copies(function, nonce) for function in functions]
        for nonce in (NONCES[0], NONCES[0], NONCES[1])
    )

    assert one == two
    assert one != other


def test_twins_of_a_bundle_are_the_same_each_time(sums: Bundle, tmp_path: Path) -> None:
    bare = without_twins(sums, tmp_path / "bare")

    made = [found_twins(bare, SETTING) for _ in range(2)]

    assert made[0] == made[1]
    assert made[0].twins is not None
    assert made[0].twins.model_copy(update={"blind": None}) == twins_of(sums)
    assert made[0].facts.model_dump() == {
        "expectations": 2, "twinned": 2, "share": 1.0, "forge_chance": 1.0, "blind": 2,
    }  # fmt: skip


def test_what_the_prompt_shows_is_no_secret(sums: Bundle, tmp_path: Path) -> None:
    bare = without_twins(sums, tmp_path / "bare")
    (bare.root / "prompt.md").write_text("Totals are wrong.\n")

    assert found_twins(bare, SETTING).facts.forge_chance == 0.01


def test_judging_leaves_no_copy_behind_for_the_next_run(sums: Bundle) -> None:
    setting = replace(SETTING, runs=None)

    made = [judge(sums, fix(sums), setting) for _ in range(2)]

    assert [one.verdict for one in made] == [Verdict.PASS, Verdict.PASS]
    assert made[0].run.outcomes() == made[1].run.outcomes()
    assert made[0].twins != made[1].twins  # a nonce of its own


def unit(*sizes: int) -> TwinUnit:
    """
    A unit whose expectations have so many other texts.
    """
    others = [
        TwinExpectation(start=at, old="x", new=tuple(map(str, range(size))))
        for at, size in enumerate(sizes)
    ]
    return TwinUnit(tests=("t",), before=("",), after=("",), expectations=tuple(others))


@pytest.mark.parametrize(
    ("sizes", "copies", "right"),
    [((9,), 8, 1), ((3, 3), 8, 1), ((1, 1, 1), 8, 1), ((31,), 32, 1)],
)
def test_one_copy_of_many_is_right(sizes: tuple[int, ...], copies: int, right: int) -> None:
    for nonce in NONCES:
        vectors = chosen_vectors(unit(*sizes), copies, nonce)

        assert vectors.count((0,) * len(sizes)) == right
        assert len(set(vectors)) == len(vectors) == copies


def test_few_alternatives_stand_in_several_copies() -> None:
    for nonce in NONCES:
        vectors = chosen_vectors(unit(1), 8, nonce)

        assert set(vectors) == {(0,), (1,)}
        assert len(vectors) == 8


def test_no_text_stands_out_by_how_often_it_is_used() -> None:
    uses: Counter[int] = Counter()
    for number in range(300):
        uses += Counter(choice for vector in chosen_vectors(unit(3, 3), 8, f"{number}")
                        for choice in vector[:1])  # fmt: skip

    assert {choice: round(uses[choice] / 600) for choice in range(4)} == dict.fromkeys(range(4), 1)


def test_right_copy_stands_at_any_place() -> None:
    places = Counter(chosen_vectors(unit(9), 4, f"{number}").index((0,)) for number in range(400))

    assert sorted(places) == [0, 1, 2, 3]
    assert min(places.values()) > 60


@pytest.mark.parametrize(
    ("units", "copies"),
    [(0, 32), (1, 32), (2, 32), (3, 22), (4, 10), (5, 7), (6, 5), (7, 4), (50, 4)],
)
def test_more_tests_need_fewer_copies(units: int, copies: int) -> None:
    assert copies_for(units) == copies


def test_forge_chance_counts_what_can_be_told_apart_as_nothing() -> None:
    negated = TwinExpectation(start=0, old="==", new=("!=",), guessable=True)
    plain = unit(1).expectations[0]
    made = unit(1).model_copy(update={"expectations": (negated, plain)})

    assert made.candidates(8) == 2
    assert made.model_copy(update={"expectations": (negated,)}).candidates(8) == 1
    assert unit(9).candidates(8) == 8


def run_of(expected: dict[str, tuple[str, bool]], *ended: TestOutcome | None) -> Run:
    results = [
        TestResult(test, outcome)
        for test, outcome in zip(expected, ended, strict=True)
        if outcome is not None
    ]
    return Run(RunEnd.COMPLETED, tuple(results))


@pytest.mark.parametrize(
    ("ended", "is_good"),
    [
        (TestOutcome.FAILED, True),
        (TestOutcome.ERROR, True),
        (TestOutcome.CRASHED, True),
        (TestOutcome.PASSED, False),
        (TestOutcome.SKIPPED, False),
        (None, False),
    ],
)
def test_copy_that_must_fail_has_to_fail(ended: TestOutcome | None, is_good: bool) -> None:
    expected = {"right": ("t", True), "wrong": ("t", False)}

    told = judged_twins("n", expected, run_of(expected, TestOutcome.PASSED, ended))

    assert told.passed_that_must_fail == (() if is_good else ("t as wrong",))
    assert told.findings(1) == ([] if is_good else [f"twins: 1 of 1 {PASSES}: t as wrong"])
    assert told.reason() == ""


def test_run_of_copies_that_does_not_end_is_told() -> None:
    told = judged_twins("n", {"right": ("t", True)}, Run(RunEnd.TIMEOUT, detail="in right"))

    assert (told.findings(0), told.reason()) == ([], "twins: timeout: in right")


def damaged(twins: Twins) -> Iterator[tuple[str, bytes]]:
    plain = twins_plain(twins)
    yield "no JSON", b"{"
    yield "another schema", dump_json(plain | {"schema": "cab-twins/v9"})
    yield "no functions", dump_json(plain | {"functions": []})
    yield "unknown key", dump_json(plain | {"more": 1})
    yield (
        "too many copies",
        dump_json(plain | {"functions": [plain["functions"][0] | {"copies": 1000}]}),
    )


def test_damaged_twins_are_an_error_of_the_bundle(sums: Bundle, tmp_path: Path) -> None:
    for name, data in damaged(twins_of(sums)):
        workspace.copy_tree(sums.root, tmp_path / name)
        write(tmp_path / name / TWINS, data)

        with pytest.raises(BundleError, match=r"twins\.json"):
            read_bundle(tmp_path / name)


def test_twins_of_another_text_are_an_error_of_the_bundle(sums: Bundle, tmp_path: Path) -> None:
    workspace.copy_tree(sums.root, tmp_path / "moved")
    path = tmp_path / "moved" / "hidden/tests/tests/test_sums.py"
    path.write_bytes(b"# moved\n" + path.read_bytes())

    with pytest.raises(BundleError, match="expected b'test_total"):
        judge(read_bundle(tmp_path / "moved"), fix(sums), SETTING)


def test_file_with_copies_has_all_else_as_it_was(sums: Bundle) -> None:
    data = (sums.root / "hidden/tests/tests/test_sums.py").read_bytes()
    functions = [(one, chosen_copies(one, NONCES[0])) for one in twins_of(sums).functions]

    made = with_copies(data, functions)

    head = data[: min(one.start for one, _ in functions)]
    assert made.startswith(head)
    assert b"test_total_of" not in made
    names = {copy.name for _, copies in functions for copy in copies}
    assert len(names) == sum(one.copies for one, _ in functions)
    assert all(made.count(name.encode()) == 1 for name in names)
    assert list(itertools.chain(expected_tests(c for _, c in functions))) != []
