"""
Rust screening: one build with many mutants, each of the traps that such builds lay, and the cache.
"""

from __future__ import annotations

import os
import pickle
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from suite_runs import LIMITS, cargo_spec, copied, rust_environment

from cab_tasks import workspace
from cab_tasks.model import Lane, Mutant, Reach, RunEnd, TestOutcome
from cab_tasks.screen import Setting, prepare_screen
from cab_tasks.screen.rust import PreparedRust
from cab_tasks.suite import run_suite
from mutators.base import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.screen.rust.engine import RustScreen

pytestmark = pytest.mark.skipif(
    shutil.which("cargo") is None and not os.environ.get("CI"), reason="no Rust toolchain here"
)

REPO = Path(__file__).parent / "repos" / "screen-cargo"
LIB = "src/lib.rs"


def mutant(name: str, old: str, new: str, path: str = LIB) -> Mutant:
    """
    The one place of `old`, which may be marked by ‹ › within more text that makes it the one.
    """
    data = (REPO / path).read_bytes()
    before, _, rest = old.partition("‹")
    inner, _, after = rest.partition("›")
    whole = (before + inner + after) if rest else old
    assert data.count(whole.encode()) == 1, (name, whole)
    start = data.index(whole.encode()) + len(before.encode() if rest else b"")
    edit = Edit(start, (inner if rest else old).encode(), new.encode())
    line = data.count(b"\n", 0, start) + 1
    return Mutant(f"rust:{name}", path, (edit,), "", (0, 0), line, 1, name)


MUTANTS = {
    one.fingerprint: one
    for one in (
        mutant("precedence", "a ‹&&› b && c", "||"),
        mutant("crash", "if ‹bad› {", "!bad"),
        mutant("hang", "        ‹n += 1;›\n", "n += 0;"),
        mutant("slow", "millis * ‹3›", "30"),
        mutant("const fn", "    ‹n + 1›\n}\n\npub const SIZE", "n + 2"),
        mutant("const", "SIZE: usize = ‹3›", "4"),
        mutant("two types", "0‹..›limit;", "..="),
        mutant("opaque type", "‹move |m| m + n›", "u32::wrapping_neg"),
        mutant("opaque iterator", "(0..limit)‹.filter(|n| n % 2 == 0)›", ".skip(1)"),
        mutant("other items", "(0..limit)‹.filter(|n| n % 2 == 0)›", ".map(|n| n == 2)"),
        mutant("same items", "n % ‹2›", "3"),
        mutant("tail return", "    ‹return word;›\n", ""),
        mutant("else return", "        ‹return \"\";›\n    };", ""),
        mutant("early return", "        ‹return \"none\";›\n", ""),
        mutant("no such method", "word.‹to_uppercase›()", "to_upper"),
        mutant("lower", "word.‹to_uppercase›()", "to_lowercase"),
        mutant("unsafe", "*items.as_ptr()", "*items.as_ptr().wrapping_add(1 << 40)"),
        mutant("lines", "lines[‹1›]", "0"),
        mutant(
            "gone lines",
            "‹    // Removed in one mutant, with the line below: what follows moves up.\n"
            "    sum += 1;\n›",
            "",
        ),
        mutant("order", "‹left -= 1;\n        out.push(items[left]);›",
               "out.push(items[left]);\n        left -= 1;"),
        mutant("inner", "n * ‹2›", "3", "inner/src/lib.rs"),
        mutant("tool", "nth(‹1›)", "0", "src/main.rs"),
        mutant("macro", "panic!(‹\"not zero\"›)", '"never"'),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Ground:
    setting: Setting
    prepared: PreparedRust
    screen: RustScreen

    def broken(self, name: str, lane: Lane = Lane.FAST) -> dict[str, str]:
        said = self.screen.screen(MUTANTS[name])
        assert (said.end, said.lane) == (RunEnd.COMPLETED, lane), said
        return {one.id.removeprefix("trap tests::"): one.outcome.value for one in said.results}


def setting_of(folder: Path) -> Setting:
    tree = copied("screen-cargo", folder)
    spec = replace(cargo_spec("--workspace"), test_globs=("tests/**",))
    environment = rust_environment(folder)
    run = run_suite(spec, environment, tree, limits=LIMITS, target=folder / "target")
    assert run.end is RunEnd.COMPLETED, run.detail
    green = tuple(one.id for one in run.results if one.outcome is TestOutcome.PASSED)
    assert len(green) == len(run.results) == 23
    durations_s = {one.id: one.duration_s for one in run.results}
    return Setting(
        spec, environment, tree, green, durations_s, Reach(), folder / "screens", limits=LIMITS,
        warm=folder / "target",
    )  # fmt: skip


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    setting = setting_of(tmp_path_factory.mktemp("rust"))
    prepared = prepare_screen(setting, list(MUTANTS.values()))
    assert isinstance(prepared, PreparedRust)
    screen = prepared.open(0)
    yield Ground(setting, prepared, screen)
    screen.close()
    prepared.close()


def test_trap_2_edits_mean_what_the_edited_source_means(ground: Ground) -> None:
    assert ground.broken("precedence") == {"all_of_three": "failed"}


def test_trap_4_a_crash_costs_no_other_test_its_outcome(ground: Ground) -> None:
    assert ground.broken("crash") == {"a_stops": "crashed", "z_stops_again": "crashed"}


def test_trap_5_limits_are_per_test_and_from_its_own_time(ground: Ground) -> None:
    assert ground.setting.durations_s["trap tests::rests"] > 0.1

    said = ground.screen.screen(MUTANTS["slow"])

    assert said.duration_s > 1.5  # what a test of no time may take is over before
    assert said.results == ()


def test_traps_6_and_10_every_hanging_test_is_told_and_soon(ground: Ground) -> None:
    """
    A panic is what `should_panic` waits for, and a thread of its own burns for the test.
    """
    said = ground.screen.screen(MUTANTS["hang"])

    assert {one.id: one.outcome.value for one in said.results} == {
        "trap tests::counts_far": "timeout",
        "trap tests::counts_in_a_thread": "timeout",
        "trap tests::counts_short": "timeout",
    }
    assert said.ran == 3
    assert 0 < said.hung_s <= said.duration_s < 20


def test_trap_8_what_stands_in_a_macro_is_built_by_itself(ground: Ground) -> None:
    assert ground.broken("macro", Lane.BUILD) == {}


def test_trap_9_deleted_returns_are_refused_as_a_plain_build_refuses_them(ground: Ground) -> None:
    for name in ("tail return", "else return"):
        said = ground.screen.screen(MUTANTS[name])
        assert (said.end, said.lane) == (RunEnd.BUILD_FAILED, Lane.FAST)
        assert said.detail.startswith("error[E03")
    assert ground.broken("early return") == {"finds_words": "failed"}


def test_what_does_not_compile_takes_no_other_mutant_along(ground: Ground) -> None:
    said = ground.screen.screen(MUTANTS["no such method"])

    assert said.end is RunEnd.BUILD_FAILED
    assert "to_upper" in said.detail


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("const fn", {"width_of_one": "failed"}),
        ("const", {"has_a_table": "failed"}),
        ("opaque type", {"adds": "failed"}),
    ],
)
def test_what_cannot_be_switched_has_a_build_of_its_own(
    ground: Ground, name: str, broken: dict[str, str]
) -> None:
    assert ground.broken(name, Lane.BUILD) == broken


def test_two_types_in_one_if_are_switched_by_function(ground: Ground) -> None:
    assert ground.broken("two types") == {"sums": "failed"}


def test_an_iterator_of_another_type_is_switched(ground: Ground) -> None:
    assert ground.broken("opaque iterator") == {"evens_below": "failed"}


def test_an_iterator_of_other_items_is_refused_and_no_other_with_it(ground: Ground) -> None:
    said = ground.screen.screen(MUTANTS["other items"])

    assert (said.end, said.lane) == (RunEnd.BUILD_FAILED, Lane.FAST)
    assert "to return `u32`" in said.detail
    assert ground.broken("same items") == {"evens_below": "failed"}


def test_lines_of_the_original_do_not_move(ground: Ground) -> None:
    assert ground.prepared.unseen == frozenset()  # `knows_its_lines` passes
    assert ground.broken("lines") == {"knows_its_lines": "failed"}


def test_undefined_behaviour_stays_in_its_own_process(ground: Ground) -> None:
    assert ground.broken("unsafe") == {"reads_one": "crashed"}
    assert ground.broken("precedence") == {"all_of_three": "failed"}


def test_doc_tests_programs_and_other_crates_see_the_switches(ground: Ground) -> None:
    assert ground.broken("lower") == {
        "trap::doc src/lib.rs - shout #1": "failed",
        "trap::doc src/lib.rs - shout #2": "failed",
        "trap::whole runs_the_tool": "failed",
        "z_stops_again": "failed",
    }
    assert ground.broken("inner") == {"doubles": "failed"}
    assert ground.broken("tool") == {"trap::whole runs_the_tool": "failed"}


def test_what_tests_leave_in_the_tree_is_gone_for_the_next_mutant(ground: Ground) -> None:
    first, second = (ground.broken("lower") for _ in range(2))

    assert first == second
    assert ground.broken("tool") == {"trap::whole runs_the_tool": "failed"}


def test_only_the_tests_asked_for_are_run(ground: Ground) -> None:
    only = ("trap tests::counts_short", "trap tests::doubles")

    said = ground.screen.screen(MUTANTS["hang"], only=only)

    assert [one.id for one in said.results] == ["trap tests::counts_short"]
    assert said.ran == 2


def test_the_first_flip_ends_a_run(ground: Ground) -> None:
    said = ground.screen.screen(MUTANTS["crash"], first_flip=True)

    assert [one.id for one in said.results] == ["trap tests::a_stops"]


@pytest.mark.parametrize("name", ["gone lines", "order", "lower", "const"])
def test_why_a_test_fails_is_told_as_a_plain_run_does(
    ground: Ground, name: str, tmp_path: Path
) -> None:
    one = MUTANTS[name]
    tree = tmp_path / "tree"
    workspace.copy_tree(ground.setting.tree, tree)
    workspace.edit_file(tree, one.path, one.edits)
    target = ground.setting.cache.parent / "target"
    setting = ground.setting

    said = ground.screen.screen(one, describe=True)
    plain = run_suite(setting.spec, setting.environment, tree, limits=LIMITS, target=target)

    bad = [result for result in plain.results if result.outcome is not TestOutcome.PASSED]
    assert [(a.id, a.outcome, a.failure) for a in said.results] == [
        (b.id, b.outcome, b.failure) for b in bad
    ]
    assert said.results


def test_a_second_run_starts_at_once(ground: Ground) -> None:
    before = time.monotonic()

    again = prepare_screen(ground.setting, list(MUTANTS.values()))

    assert time.monotonic() - before < 1
    assert again == ground.prepared


def test_workers_are_given_it_by_pickle(ground: Ground) -> None:
    there: PreparedRust = pickle.loads(pickle.dumps(ground.prepared))

    screen = there.open(1)
    try:
        assert screen.screen(MUTANTS["inner"]).results
    finally:
        screen.close()


def test_a_mutant_that_nobody_prepared_is_built(ground: Ground) -> None:
    other = replace(MUTANTS["inner"], fingerprint="new")

    said = ground.screen.screen(other)

    assert (said.lane, [one.id for one in said.results]) == (Lane.BUILD, ["trap tests::doubles"])
