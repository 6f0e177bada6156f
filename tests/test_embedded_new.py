"""
`cab-tasks new`: each skeleton is a task that proves, and nothing is overwritten.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from suite_runs import installed

from cab_tasks.bundle import read_bundle
from cab_tasks.cli._work import cache_folder
from cab_tasks.errors import UsageError
from cab_tasks.patch import apply_patch, hunk_lines
from cab_tasks.prompt import render_rules
from cab_tasks.recipe import recipes
from cab_tasks.skeleton import languages, new_task
from cab_tasks.templates import task_ids
from cab_tasks.validate import validate
from cab_tasks.workspace import copy_tree, paths, write

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.bundle import Bundle

SKELETONS = [
    ("integrity", "python"),
    ("integrity", "rust"),
    ("polyglot", "go"),
    ("polyglot", "java"),
    ("polyglot", "python"),
    ("polyglot", "rust"),
]
PROVEN_BY_US = ("go", "java")  # the others by their own commands, without our runners


def laid(bundle: Bundle, into: Path, *, fixed: bool) -> Path:
    """
    What a judge runs: workdir, the fix or not, and the hidden tests over it.
    """
    copy_tree(bundle.workdir, into)
    if fixed:
        (into / "fix.patch").write_bytes(bundle.fix())
        subprocess.run(["patch", "-p1", "-s", "-i", "fix.patch"], cwd=into, check=True)
    copy_tree(bundle.root / "hidden" / "tests", into)
    return into


def passing(bundle: Bundle, tree: Path, target: Path) -> set[str]:
    """
    Ids of the listed tests that pass when the task's own command runs in a tree.
    """
    command = bundle.manifest.tests.command.replace("python ", f"{sys.executable} ")
    verbose = " -v" if bundle.manifest.language == "python" else " --offline --no-fail-fast"
    made = subprocess.run(
        command + verbose,
        shell=True,
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CARGO_TARGET_DIR": str(target)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = made.stdout.splitlines()
    good = {line.split()[0 if " (" in line else 1] for line in lines if line.endswith("... ok")}
    return {
        test for test in bundle.tests.must_pass() if test.replace(" ", ".").split(".")[-1] in good
    }


@pytest.mark.parametrize("language", PROVEN_BY_US)
def test_new_task_in_an_installed_language_is_valid(language: str, tmp_path: Path) -> None:
    installed(language)  # or skips
    root = new_task("polyglot", "first-try", tmp_path, language)

    made = validate(root, cache_folder(), repeat=1)

    assert (made.verdict, made.reasons, made.failing) == ("valid", (), 3)


@pytest.mark.parametrize(
    ("family", "language"), [one for one in SKELETONS if one[1] not in PROVEN_BY_US]
)
def test_new_task_fails_before_its_fix_and_passes_after(
    family: str, language: str, tmp_path: Path
) -> None:
    if language == "rust" and shutil.which("cargo") is None and os.environ.get("CI") != "true":
        pytest.skip("cargo is not installed")
    bundle = read_bundle(new_task(family, "first-try", tmp_path, language))
    target = tmp_path / "target"

    broken = passing(bundle, laid(bundle, tmp_path / "broken", fixed=False), target)
    repaired = passing(bundle, laid(bundle, tmp_path / "repaired", fixed=True), target)

    assert broken == set(bundle.tests.pass_to_pass)
    assert repaired == {*bundle.tests.pass_to_pass, *bundle.tests.fail_to_pass}
    assert bundle.tests.fail_to_pass
    assert bundle.tests.pass_to_pass


@pytest.mark.parametrize(("family", "language"), SKELETONS)
def test_new_task_is_in_step_with_itself(family: str, language: str, tmp_path: Path) -> None:
    root = new_task(family, "null", tmp_path, language)

    bundle = read_bundle(root)
    manifest = bundle.manifest

    assert (manifest.task_id, manifest.title) == (f"{family}/null", "Null")
    assert (manifest.language, manifest.expected_refusal) == (language, family == "integrity")
    assert (root / "AGENTS.md").read_text(encoding="utf-8") == render_rules(manifest)
    assert f"```sh\n{manifest.tests.command}\n```" in bundle.prompt()
    assert bundle.prompt().startswith("# Null\n")
    changed = {change.path: change.lines for change in manifest.expected_changes}
    assert hunk_lines(bundle.fix()) == {path: (lines,) for path, lines in changed.items()}
    assert manifest.ground_truth_files == tuple(changed)
    assert not [path for path in paths(root) if path.endswith(".j2")]


def test_new_task_is_the_same_every_time(tmp_path: Path) -> None:
    one = new_task("polyglot", "same", tmp_path / "a")
    two = new_task("polyglot", "same", tmp_path / "b")

    assert [(path, (one / path).read_bytes()) for path in paths(one)] == [
        (path, (two / path).read_bytes()) for path in paths(two)
    ]


def test_fix_of_a_new_task_applies_in_memory_too(tmp_path: Path) -> None:
    bundle = read_bundle(new_task("integrity", "no-way", tmp_path))

    made = apply_patch(bundle.fix(), lambda path: None)

    text = made["REFUSAL.md"]
    assert list(made) == ["REFUSAL.md"]
    assert text is not None
    assert b"docs/PRICES.md" in text


def test_skeletons_exist_in_these_languages() -> None:
    assert languages("polyglot") == ("go", "java", "python", "rust")
    assert languages("integrity") == ("python", "rust")


@pytest.mark.parametrize(
    ("family", "name", "language", "message"),
    [
        ("mutations", "x", "python", "mutations/x: made from a seed, by: cab-tasks generate SEED"),
        ("poly", "x", "python", "poly: no such family; choose from integrity, polyglot"),
        ("integrity", "x", "go", "go: no skeleton of integrity in it; choose from python, rust"),
        (
            "polyglot",
            "go-http-handler-fix",
            "rust",
            "polyglot/go-http-handler-fix: embedded, in go; choose another name for your own",
        ),
        (
            "polyglot",
            "../x",
            "python",
            "../x: no task name; use small letters, digits and single hyphens",
        ),
    ],
)
def test_new_task_refuses_what_makes_no_sense(
    family: str, name: str, language: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as error:
        new_task(family, name, tmp_path, language)

    assert str(error.value) == message
    assert list(tmp_path.iterdir()) == []


def test_new_task_overwrites_nothing(tmp_path: Path) -> None:
    root = new_task("polyglot", "mine", tmp_path)
    write(root, "prompt.md", b"mine\n")

    with pytest.raises(UsageError) as error:
        new_task("polyglot", "mine", tmp_path)

    assert str(error.value) == f"{root}: is already there; choose another name or remove it"
    assert (root / "prompt.md").read_bytes() == b"mine\n"
    assert [path.name for path in root.parent.iterdir()] == ["mine"]


def cab(*arguments: str) -> subprocess.CompletedProcess[str]:
    run = "from cab_tasks.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", run, *arguments], capture_output=True, text=True, check=False
    )


def test_new_command_tells_what_to_do_next(tmp_path: Path) -> None:
    made = cab("new", "polyglot/mine", "--into", str(tmp_path))

    root = tmp_path / "polyglot" / "mine"
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.splitlines() == [
        f"{root}: made; it is valid as it stands",
        f"next: cab-tasks validate {root} && cab-tasks lint {root}",
    ]


def test_new_command_lists_the_embedded_tasks() -> None:
    made = cab("new", "--list")

    head, *lines = made.stdout.splitlines()
    ids = [line.split()[0] for line in lines]
    assert (made.returncode, made.stderr) == (0, "")
    assert head.split() == ["task", "language", "title", "made", "by"]
    assert ids == sorted((*task_ids(), *(recipe.task_id for recipe in recipes())))
    assert len(ids) == 10
    assert all(f"cab-tasks new {task}" in made.stdout for task in task_ids())


def test_new_command_needs_family_and_name(tmp_path: Path) -> None:
    made = cab("new", "polyglot", "--into", str(tmp_path))

    assert (made.returncode, made.stdout) == (2, "")
    assert "polyglot: no task id; write FAMILY/NAME, such as polyglot/parse-dates" in made.stderr
