"""
Bundles are read, shown, laid out and validated without following, running or trusting them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from bundles import REFUSAL, write, write_bundle

from cab_tasks import workspace
from cab_tasks.bundle import read_bundle
from cab_tasks.cli.show import bug_of
from cab_tasks.errors import BundleError
from cab_tasks.prepare import prepare
from cab_tasks.proofs import validate_all
from cab_tasks.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("name", [".git/config", "deep/.GIT/config", ".git"])
def test_prepare_refuses_a_repository_inside_workdir(tmp_path: Path, name: str) -> None:
    root = write_bundle(tmp_path)
    write(root / "workdir" / name, b"[core]\n\tfsmonitor = touch ran\n")

    with pytest.raises(BundleError, match="a repository inside workdir"):
        prepare(read_bundle(root), tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_prepare_gives_a_repository_with_the_bundle_s_files(tmp_path: Path) -> None:
    laid = prepare(read_bundle(write_bundle(tmp_path)), tmp_path / "out")

    assert laid == ("AGENTS.md", "PROMPT.md")
    found = workspace.paths(tmp_path / "out", skip=(".git",))
    assert found == ("AGENTS.md", "LICENSE", "PROMPT.md", "README.md", "pyproject.toml",
                     "src/sums.py", "tests/test_sums.py")  # fmt: skip


def test_git_is_not_started_in_a_folder_with_a_repository(tmp_path: Path) -> None:
    write(tmp_path / ".git", b"gitdir: elsewhere\n")

    with pytest.raises(BundleError, match=r"holds a \.git of its own"):
        workspace.commit_all(tmp_path, "all\n")


def replaced_by_link(name: str, target: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        place = root / name
        if place.is_dir():
            place.rename(root.parent / "aside")
        else:
            place.unlink()
        place.symlink_to(target)

    return change


def written(name: str, data: bytes) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        write(root / name, data)

    return change


def gone(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def pipe(root: Path) -> None:
    os.mkfifo(root / "hidden/pipe")


def folder_of_digests(root: Path) -> None:
    (root / "digests.txt").unlink()
    (root / "digests.txt").mkdir()


def text_replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))

    return change


DAMAGES = {
    "linked prompt": (replaced_by_link("prompt.md", "/etc/hostname"), "a link"),
    "linked rules": (replaced_by_link("AGENTS.md", "/etc/hostname"), "a link"),
    "linked manifest": (replaced_by_link("task.yaml", "/etc/hostname"), "a link"),
    "linked fix": (replaced_by_link("hidden/fix.patch", "../prompt.md"), "a link"),
    "linked lock": (replaced_by_link("environment/requirements.txt", "/etc/hostname"), "a link"),
    "linked workdir": (replaced_by_link("workdir", "../aside"), "not a folder"),
    "linked hidden": (replaced_by_link("hidden", "../aside"), "not a folder"),
    "linked environment": (replaced_by_link("environment", "../aside"), "not a folder"),
    "link out of workdir": (replaced_by_link("workdir/README.md", "../../prompt.md"), "leads out"),
    "digests are a folder": (folder_of_digests, "a folder, not a plain file"),
    "pipe": (pipe, "not a plain file"),
    "no prompt": (gone("prompt.md"), "No such file"),
    "no fix": (gone("hidden/fix.patch"), "No such file"),
    "no tests": (gone("hidden/tests.json"), "No such file"),
    "prompt of bytes": (written("prompt.md", b"\xff\xfe"), "not UTF-8"),
    "evidence of lists": (written("hidden/evidence.json", b'{"broken": []}'), "expected an object"),
    "exceptions of lists": (
        written("hidden/evidence.json", b'{"broken": {"exceptions": []}}'), "expected an object",
    ),
    "evidence of bytes": (written("hidden/evidence.json", b"\xff"), "not JSON"),
    "open quote": (
        text_replaced("task.yaml", "command: PYTHONPATH", "command: \"'PYTHONPATH=src pytest\" #"),
        "No closing quotation",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_bundle_is_refused_and_validation_goes_on(
    tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    root = write_bundle(tmp_path)
    damage(root)

    with pytest.raises(BundleError, match=message):
        read_bundle(root)
    first, second = validate_all([root, tmp_path / "none"], tmp_path / "cache")

    assert (first.verdict, second.verdict) == ("invalid", "invalid")
    assert message in first.reasons[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (gone("hidden/infile/src/lib.rs/tests.rs"), "No such file"),
        (text_replaced("task.yaml", "path: src/lib.rs, module", "path: src/x.rs, module"), "x.rs"),
        (text_replaced("task.yaml", "path: src/lib.rs, module", "path: ../x, module"), "leaves"),
    ],
    ids=["no pristine text", "no such source", "a source outside"],
)
def test_in_file_tests_without_their_files_are_refused(
    tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    root = write_bundle(tmp_path, "rust")
    change(root)

    with pytest.raises(BundleError, match=message):
        read_bundle(root)


def test_link_inside_workdir_is_allowed(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)
    (root / "workdir/docs.md").symlink_to("README.md")

    prepare(read_bundle(root), tmp_path / "out")

    assert (tmp_path / "out/docs.md").readlink().name == "README.md"


@pytest.mark.parametrize("path", ["../prompt.md", "../../x", "docs/x"])
def test_source_of_a_bundle_never_leaves_workdir(tmp_path: Path, path: str) -> None:
    root = write_bundle(tmp_path)
    (root / "workdir/docs").symlink_to(tmp_path)
    write(tmp_path / "x", b"secret")
    write(root.parent / "x", b"secret")
    bundle = read_bundle(write_bundle(tmp_path / "good"))

    assert bundle.source("nothing.py") is None
    with pytest.raises(BundleError):
        type(bundle)(root, bundle.manifest, bundle.tests).source(path)


@pytest.mark.parametrize("language", ["c", "typescript"])
def test_languages_that_are_not_run_are_inconclusive(tmp_path: Path, language: str) -> None:
    root = write_bundle(tmp_path)
    text_replaced("task.yaml", "language: python", f"language: {language}")(root)

    made = validate(root, tmp_path / "cache")

    assert made.verdict == "inconclusive"
    assert made.reasons == (f"{language}: suites of this language are not run yet",)


def test_validate_ends_with_1_and_a_record_for_each_broken_task(tmp_path: Path) -> None:
    for name, damage in (("a", "linked prompt"), ("b", "linked workdir")):
        DAMAGES[damage][0](write_bundle(tmp_path / name))

    done = subprocess.run(
        [sys.executable, "-m", "cab_tasks", "validate", tmp_path, "--json", "-q"],
        capture_output=True, text=True, env={**os.environ, "CAB_TASKS_CACHE": f"{tmp_path}/cache"},
    )  # fmt: skip

    assert done.returncode == 1, done.stderr
    assert [json.loads(line)["verdict"] for line in done.stdout.splitlines()] == ["invalid"] * 2


def test_show_tells_the_bug_and_takes_tasks_without_one(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path))
    refusal = read_bundle(write_bundle(tmp_path, "refusal"))

    assert "+    return sum(numbers, 1)\n" in bug_of(bundle)
    assert bug_of(refusal) == ""
    assert REFUSAL.hidden == {}


def test_show_takes_evidence_that_names_no_mutator(tmp_path: Path) -> None:
    root = write_bundle(tmp_path)
    write(root / "hidden/evidence.json", b'{"mutation": {"path": "src/sums.py"}}')

    done = subprocess.run(
        [sys.executable, "-m", "cab_tasks", "show", root], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert "an unknown mutator in the module" in done.stdout
