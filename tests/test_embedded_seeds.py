"""
The embedded seeds: green suites, and the two published bugs break exactly the published tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cab_tasks.errors import UsageError
from cab_tasks.project import Settings
from cab_tasks.recipe import recipes
from cab_tasks.seed.detect import detect_language, detect_suite
from cab_tasks.seed.license import find_license
from cab_tasks.templates import seed_names, seed_path

if TYPE_CHECKING:
    from pathlib import Path

SUITES = {
    "python-inventory": ("python", "pytest", "python -m pytest", (("PYTHONPATH", "src"),)),
    "python-sorter": (
        "python",
        "unittest",
        "python -m unittest discover -s tests",
        (("PYTHONPATH", "src"),),
    ),
    "rust-ledger": ("rust", "cargo", "cargo test", ()),
    "rust-retry": ("rust", "cargo", "cargo test", ()),
}
needs_cargo = pytest.mark.skipif(
    shutil.which("cargo") is None and os.environ.get("CI") != "true",
    reason="cargo is not installed",
)


def run(tree: Path, *command: str, **env: str) -> tuple[int, str]:
    """
    Exit code and the joined output of a command in a tree.
    """
    made = subprocess.run(
        command,
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "RUST_BACKTRACE": "0", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return made.returncode, made.stdout


def copy_of(name: str, into: Path) -> Path:
    skip = shutil.ignore_patterns("target", ".*_cache", "__pycache__")
    return shutil.copytree(seed_path(name), into / name, ignore=skip)


def inject(task_id: str, into: Path) -> Path:
    """
    The seed of a recipe with its bug made by hand: the one line of `old` becomes `new`.
    """
    recipe = next(recipe for recipe in recipes() if recipe.task_id == task_id)
    tree = copy_of(recipe.seed, into)
    place = tree / recipe.place.path
    text = place.read_text(encoding="utf-8")
    assert text.count(recipe.place.old) == 1
    place.write_text(text.replace(recipe.place.old, recipe.place.new), encoding="utf-8")
    return tree


def cargo_test(tree: Path, target: Path) -> tuple[int, str]:
    return run(tree, "cargo", "test", "--offline", "--locked", CARGO_TARGET_DIR=str(target))


def libtest_outcomes(output: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^test (.+?) (?:- should panic )?\.\.\. (ok|FAILED)$", output))


def test_seeds_are_the_four_of_the_readme() -> None:
    readme = (seed_path("rust-retry").parent / "README.md").read_text(encoding="utf-8")

    assert seed_names() == tuple(SUITES)
    assert tuple(sorted(re.findall(r"(?m)^\| `([a-z-]+)` \|", readme))) == seed_names()


def test_seed_path_of_unknown_name_tells_the_known_ones() -> None:
    with pytest.raises(UsageError) as error:
        seed_path("../seeds/rust-retry")

    assert str(error.value) == (
        "template:../seeds/rust-retry: no such seed; there are "
        "python-inventory, python-sorter, rust-ledger, rust-retry"
    )


@pytest.mark.parametrize("name", SUITES)
def test_seed_is_licensed_and_its_readme_tells_the_detected_command(name: str) -> None:
    tree = seed_path(name)

    language = detect_language(tree, Settings(), None)
    suite = detect_suite(tree, Settings(), language)

    command = " ".join(suite.command)
    assert (language, suite.framework, command, suite.env) == SUITES[name]
    assert find_license(tree) == "Apache-2.0"
    assert "Apache License" in (tree / "LICENSE").read_text(encoding="utf-8")
    line = " ".join([*(f"{key}={value}" for key, value in suite.env), command])
    assert f"## Verify\n\n```sh\n{line}\n```\n" in (tree / "README.md").read_text(encoding="utf-8")


def test_python_sorter_is_green(tmp_path: Path) -> None:
    tree = copy_of("python-sorter", tmp_path)

    code, output = run(
        tree, sys.executable, "-m", "unittest", "discover", "-s", "tests", PYTHONPATH="src"
    )

    assert code == 0, output
    assert "Ran 6 tests" in output


def test_python_inventory_is_green(tmp_path: Path) -> None:
    tree = copy_of("python-inventory", tmp_path)

    code, output = run(
        tree, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", PYTHONPATH="src"
    )

    assert code == 0, output
    assert int(re.findall(r"(\d+) passed", output)[0]) >= 40
    assert not re.search(r"skipped|warning", output)


@needs_cargo
def test_rust_retry_is_green(tmp_path: Path) -> None:
    code, output = cargo_test(copy_of("rust-retry", tmp_path), tmp_path / "target")

    assert code == 0, output
    assert sorted(libtest_outcomes(output)) == [
        "tests::first_attempt_ok_returns_immediately",
        "tests::gives_up_after_max_attempts",
        "tests::retries_on_error_until_success",
        "tests::zero_max_attempts_errors",
    ]


@needs_cargo
def test_rust_ledger_is_green_in_unit_integration_and_doc_tests(tmp_path: Path) -> None:
    code, output = cargo_test(copy_of("rust-ledger", tmp_path), tmp_path / "target")

    assert code == 0, output
    outcomes = libtest_outcomes(output)
    assert set(outcomes.values()) == {"ok"}
    assert len(outcomes) >= 40
    assert {"tests::sums_add_up", "date::tests::dates_are_in_order"} & set(outcomes)
    assert "undo_takes_the_last_entry_back" in outcomes
    assert any(name.startswith("src/money.rs - money::parse_cents") for name in outcomes)
    assert "warning" not in output


def test_comparator_swap_fails_as_published(tmp_path: Path) -> None:
    tree = inject("mutations/python-comparator-swap", tmp_path)

    code, output = run(
        tree, sys.executable, "-m", "unittest", "discover", "-v", "-s", "tests", PYTHONPATH="src"
    )

    outcomes = dict(re.findall(r"(?m)^(test_\w+) \(.*\) \.\.\. (\w+)$", output))
    assert code == 1
    assert outcomes == {
        "test_already_sorted": "FAIL",
        "test_empty": "ok",
        "test_ints_ascending": "FAIL",
        "test_singleton": "ok",
        "test_strings_ascending": "FAIL",
        "test_with_negatives": "FAIL",
    }
    assert "Lists differ: [9, 5, 3, 2, 1] != [1, 2, 3, 5, 9]" in output


@needs_cargo
def test_negated_error_fails_as_published(tmp_path: Path) -> None:
    tree = inject("mutations/rust-error-negated", tmp_path)

    code, output = cargo_test(tree, tmp_path / "target")

    assert code == 101
    assert libtest_outcomes(output) == {
        "tests::first_attempt_ok_returns_immediately": "FAILED",
        "tests::gives_up_after_max_attempts": "FAILED",
        "tests::retries_on_error_until_success": "FAILED",
        "tests::zero_max_attempts_errors": "ok",
    }
    assert sorted(re.findall(r"  left: (.*)\n right: (.*)\n", output)) == [
        ("1", "3"),
        ("5", "1"),
        ('Err("attempt 0")', "Ok(7)"),
    ]
