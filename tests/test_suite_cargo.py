"""
cargo suites: units, binaries, integration and doc tests, each told by name.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from suite_runs import LIMITS, cargo_spec, copied, filled, outcomes, rust_environment

from cab_tasks.model import Run, RunEnd
from cab_tasks.suite import run_suite, trace_suite
from cab_tasks.suite.cargo_build import build
from cab_tasks.suite.freshness import changed_files
from cab_tasks.suite.request import Request

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    shutil.which("cargo") is None and not os.environ.get("CI"), reason="no Rust toolchain here"
)

ALL = {
    "shelf tests::does_not_panic": "failed",
    "shelf tests::fails": "failed",
    "shelf tests::ignored": "skipped",
    "shelf tests::panics_as_it_should": "passed",
    "shelf tests::passes": "passed",
    "shelf tests::returns_an_error": "failed",
    "shelf::bin/tool tests::in_the_binary": "passed",
    "shelf::doc src/lib.rs - double #1": "passed",
    "shelf::doc src/lib.rs - double #2": "failed",
    "shelf::doc src/lib.rs - double #3": "passed",
    "shelf::whole runs_the_tool": "passed",
    "shelf::whole sees_what_cargo_gives": "passed",
}
CRASHING = """
#[test] fn a() {}
#[test] fn aborts() { std::process::abort() }
#[test] fn exits() { std::process::exit(0) }
#[test] fn overflows() { fn down(n: u64) -> u64 { if n == u64::MAX { n } else { down(n + 1) + 1 } }
    assert!(down(0) > 0) }
#[test] fn sleeps() { std::thread::sleep(std::time::Duration::from_secs(600)) }
#[test] fn z() { assert!(false) }
"""


def run_cargo(tree: Path, folder: Path, *words: str, **options: Any) -> Run:
    return run_suite(
        cargo_spec(*words),
        rust_environment(folder),
        tree,
        limits=LIMITS,
        target=folder / "target",
        **options,
    )


def test_cargo_run_tells_every_outcome(tmp_path: Path) -> None:
    tree = copied("suite-cargo", tmp_path)

    run = run_cargo(tree, tmp_path)
    shuffled = run_cargo(tree, tmp_path, shuffle=7)

    assert (run.end, outcomes(run), run.unstable) == (RunEnd.COMPLETED, ALL, ())
    assert (shuffled.end, outcomes(shuffled)) == (RunEnd.COMPLETED, ALL)


def test_cargo_failures_tell_message_and_statement(tmp_path: Path) -> None:
    run = run_cargo(copied("suite-cargo", tmp_path), tmp_path)

    failures = {result.id.rpartition(" ")[2]: result.failure for result in run.results}
    wrong, error = failures["tests::fails"], failures["tests::returns_an_error"]
    assert wrong is not None
    assert (wrong.kind, wrong.path, wrong.line) == ("panic", "src/lib.rs", 39)
    assert wrong.message == ("assertion `left == right` failed: of a number\n  left: 6\n right: 7")
    assert wrong.statement.split() == [
        "assert_eq!(",
        "double(number),",
        "7,",
        '"of',
        "a",
        'number"',
        ");",
    ]
    assert error is not None
    assert (error.kind, error.message) == ("Error", '"no shelf"')
    assert failures["tests::passes"] is None


def test_cargo_select_runs_the_named_tests_only(tmp_path: Path) -> None:
    wanted = ("shelf tests::passes", "shelf::doc src/lib.rs - double #2", "shelf::gone x")

    run = run_cargo(copied("suite-cargo", tmp_path), tmp_path, select=wanted)

    assert (run.end, outcomes(run)) == (RunEnd.COMPLETED, {test: ALL[test] for test in wanted[:2]})


def test_cargo_crashes_and_hangs_cost_one_test_each(tmp_path: Path) -> None:
    tree = copied("suite-cargo", tmp_path)
    (tree / "tests" / "crash.rs").write_text(CRASHING)

    run = run_cargo(tree, tmp_path, "--test", "crash", test_timeout_s=1.0)

    assert run.end is RunEnd.COMPLETED
    assert {name.rpartition(" ")[2]: ending for name, ending in outcomes(run).items()} == {
        "a": "passed",
        "aborts": "crashed",
        "exits": "crashed",
        "overflows": "crashed",
        "sleeps": "timeout",
        "z": "failed",
    }


def test_cargo_code_that_does_not_compile_is_a_failed_build(tmp_path: Path) -> None:
    tree = copied("suite-cargo", tmp_path)
    (tree / "src" / "lib.rs").write_text("pub fn double(number: i32) -> i32 { number + true }\n")

    run = run_cargo(tree, tmp_path)

    assert (run.end, run.results) == (RunEnd.BUILD_FAILED, ())
    assert run.detail.startswith("error[E0277]: cannot add `bool` to `i32`\n --> src/lib.rs:1:")


def test_cargo_build_sees_a_file_go_back_to_older_contents(tmp_path: Path) -> None:
    tree = copied("suite-cargo", tmp_path)
    source = tree / "src" / "lib.rs"
    good, facts = source.read_text(), source.stat()

    first = run_cargo(tree, tmp_path)
    source.write_text(good.replace("number + number", "number - number"))
    os.utime(source, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    broken = run_cargo(tree, tmp_path)
    source.write_text(good)
    os.utime(source, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    last = run_cargo(tree, tmp_path)

    assert outcomes(broken)["shelf tests::passes"] == "failed"
    assert outcomes(first) == outcomes(last) == ALL


def test_cargo_without_tests_is_no_tests(tmp_path: Path) -> None:
    tree = copied("suite-cargo", tmp_path)
    (tree / "src" / "lib.rs").write_text("pub fn double(number: i32) -> i32 {\n    number\n}\n")

    run = run_cargo(tree, tmp_path, "--lib")

    assert (run.end, run.results) == (RunEnd.NO_TESTS, ())


def test_cargo_trace_tells_lines_that_tests_reach(tmp_path: Path) -> None:
    tree = copied("suite-cargo", tmp_path)

    run, reach = trace_suite(
        cargo_spec(), rust_environment(tmp_path), tree, limits=LIMITS, target=tmp_path / "target"
    )

    assert outcomes(run) == ALL
    lines = reach.lines["src/lib.rs"]
    assert 17 in lines
    assert not lines & {21, 22, 23, 24}


@pytest.mark.parametrize(
    ("profile", "stays"),
    [("", True), ("\n[profile.dev]\nincremental = false\n", False)],
    ids=["files of its own", "one place for both builds"],
)
def test_cargo_trace_leaves_the_plain_build_good_or_forgotten(
    tmp_path: Path, profile: str, stays: bool
) -> None:
    tree = copied("suite-cargo", tmp_path)
    with (tree / "Cargo.toml").open("a") as manifest:
        manifest.write(profile)
    environment, target = rust_environment(tmp_path), tmp_path / "target"

    _, reach = trace_suite(cargo_spec("--lib"), environment, tree, limits=LIMITS, target=target)
    is_fresh = changed_files(tree, target) == ()
    run = run_cargo(tree, tmp_path, "--lib")

    assert reach.lines
    assert is_fresh is stays
    assert outcomes(run) == {test: ALL[test] for test in ALL if test.startswith("shelf ")}


def test_cargo_trace_sees_changed_tests(tmp_path: Path) -> None:
    """
    Also where a plain run has seen them before.
    """
    tree = copied("suite-cargo", tmp_path)
    environment, target = rust_environment(tmp_path), tmp_path / "target"
    own = tree / "tests" / "own.rs"
    words = ("--test", "own")

    own.write_text("#[test] fn holds() { }\n")
    first, _ = trace_suite(cargo_spec(*words), environment, tree, limits=LIMITS, target=target)
    own.write_text("#[test] fn holds() { panic!() }\n")
    plain = run_cargo(tree, tmp_path, *words)
    again, _ = trace_suite(cargo_spec(*words), environment, tree, limits=LIMITS, target=target)

    assert outcomes(first) == {"shelf::own holds": "passed"}
    assert outcomes(plain) == outcomes(again) == {"shelf::own holds": "failed"}


def test_cargo_run_cannot_write_to_the_build_folder(tmp_path: Path) -> None:
    tree = copied("suite-cargo", tmp_path)
    spoiling = (
        '#[test] fn spoils() { std::fs::write("/cab/target/debug/spoiled", "x").unwrap(); }\n'
    )
    (tree / "tests" / "spoil.rs").write_text(spoiling)

    run = run_cargo(tree, tmp_path, "--test", "spoil")

    assert outcomes(run) == {"shelf::spoil spoils": "failed"}
    assert not (tmp_path / "target" / "debug" / "spoiled").exists()


_PLANTING = """
fn main() {
    for name in [".cab-sources.json", ".cab-rustc"] {
        let place = std::path::Path::new("/cab/target").join(name);
        let _ = std::fs::remove_file(&place);
        std::os::unix::fs::symlink("VICTIM", place).unwrap();
    }
}
"""


def test_cargo_build_script_s_links_lead_nothing_of_ours_out(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    tree = filled(
        tmp_path / "tree",
        **{
            "Cargo.toml": '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n',
            "Cargo.lock": 'version = 3\n\n[[package]]\nname = "small"\nversion = "0.1.0"\n',
            "build.rs": _PLANTING.replace("VICTIM", str(victim)),
            "src/lib.rs": "#[test]\nfn passes() {}\n",
        },
    )
    target = tmp_path / "target"
    target.mkdir()
    request = Request(cargo_spec(), rust_environment(tmp_path), tree, LIMITS)
    for _ in range(2):  # what it takes away is the compiler's stand-in, so it does not build
        assert build(request, target, 120, caps_lints=True).end is RunEnd.BUILD_FAILED
        assert (target / ".cab-rustc").is_symlink()
        assert (target / ".cab-sources.json").is_symlink()
        assert not victim.exists()


_OWN_HARNESS = """
fn main() {
    let known = ["--list", "--format", "terse"];
    for word in std::env::args().skip(1).filter(|word| !known.contains(&word.as_str())) {
        eprintln!("error: unexpected argument, found `{word}`");
        std::process::exit(1);
    }
}
"""


def test_cargo_program_with_a_harness_of_its_own_is_not_counted(tmp_path: Path) -> None:
    tree = filled(
        tmp_path / "tree",
        **{
            "Cargo.toml": '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n\n'
            '[[test]]\nname = "own"\nharness = false\n',
            "Cargo.lock": 'version = 3\n\n[[package]]\nname = "small"\nversion = "0.1.0"\n',
            "src/lib.rs": "#[test]\nfn passes() {}\n",
            "tests/own.rs": _OWN_HARNESS,
        },
    )

    run = run_cargo(tree, tmp_path)

    assert (run.end, outcomes(run)) == (RunEnd.COMPLETED, {"small passes": "passed"})
    assert run.detail == "small::own: its harness is not libtest's; not counted"
