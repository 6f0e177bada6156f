"""
generate, validate, prepare and env build, end to end on embedded seeds, by the command itself.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path  # noqa: TC003 - a fixture is typed by it
from xml.etree import ElementTree as Xml

import pytest
import yaml

CAB = [sys.executable, "-m", "cab_tasks"]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    One cache for all tests of a worker: environments are built once.
    """
    return tmp_path_factory.mktemp("cache")


def cab(cache: Path, *arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*CAB, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "CAB_TASKS_CACHE": str(cache)},
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def bundles(out: Path) -> list[Path]:
    return sorted((out / "mutations").iterdir())


@pytest.fixture(scope="session")
def tasks(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("python") / "tasks"
    cab(cache, "generate", "template:python-inventory", "--count", 3, "--out", out, "-q")
    return out


@pytest.fixture(scope="session")
def rust_tasks(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("rust") / "tasks"
    cab(cache, "generate", "template:rust-ledger", "--count", 2, "--out", out, "-q")
    return out


def plain_pytest(python: Path, tree: Path) -> set[str]:
    """
    Failing tests by pytest's own report, without any of our code.
    """
    report = tree.parent / "report.xml"
    subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"],
        cwd=tree,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
    )
    cases = list(Xml.parse(report).iter("testcase"))
    assert cases
    return {
        f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    }


def patched(tree: Path, fix: Path) -> None:
    with fix.open("rb") as patch:
        subprocess.run(["patch", "-p1", "--silent"], cwd=tree, stdin=patch, check=True)


def test_tasks_fail_and_pass_outside_our_code(cache: Path, tasks: Path, tmp_path: Path) -> None:
    for number, bundle in enumerate(bundles(tasks)):
        home = tmp_path / str(number)
        cab(cache, "env", "build", bundle, home / "env")
        python = next((home / "env").glob("**/bin/python"))
        tree = home / "tree"
        shutil.copytree(bundle / "workdir", tree)
        assert plain_pytest(python, tree) == set()  # what the agent sees is green
        shutil.copytree(bundle / "hidden/tests", tree, dirs_exist_ok=True)
        expected = json.loads((bundle / "hidden/tests.json").read_text())

        broken = plain_pytest(python, tree)
        patched(tree, bundle / "hidden/fix.patch")
        repaired = plain_pytest(python, tree)

        assert broken == set(expected["fail_to_pass"])
        assert repaired == set()


def test_tasks_are_valid_and_lint_clean(cache: Path, tasks: Path, rust_tasks: Path) -> None:
    done = cab(cache, "validate", tasks, rust_tasks, "--json", "-q", "--repeat", 2)
    linted = cab(cache, "lint", tasks, rust_tasks, "--format", "json")

    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["verdict"], one["reasons"]) for one in verdicts] == [("valid", [])] * 5
    findings = [json.loads(line) for line in linted.stdout.splitlines()]
    assert {one["code"] for one in findings if "code" in one} <= {
        "CAB106"
    }  # a template has no date


def test_same_input_gives_same_bytes_on_any_number_of_jobs(
    cache: Path, tasks: Path, tmp_path: Path
) -> None:
    out = tmp_path / "elsewhere" / "again"

    cab(cache, "generate", "template:python-inventory", "--count", 3, "--out", out, "-j", 1, "-q")

    assert differing(tasks, out) == []


def differing(one: Path, other: Path) -> list[str]:
    files = [
        {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        for root in (one, other)
    ]
    shared = sorted(files[0] & files[1])
    _, odd, unreadable = filecmp.cmpfiles(one, other, shared, shallow=False)
    return sorted(files[0] ^ files[1]) + odd + unreadable


def test_killed_run_goes_on_to_the_same_output(cache: Path, tasks: Path, tmp_path: Path) -> None:
    out = tmp_path / "tasks"
    command = [
        *CAB, "generate", "template:python-inventory", "--count", "3", "--out", str(out), "-q",
        "-j", "1",  # one after the other, so that there is a time between two
    ]  # fmt: skip
    killed = subprocess.Popen(
        command, env={**os.environ, "CAB_TASKS_CACHE": str(cache)}, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not list(out.glob("mutations/stock*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert 1 <= len(list(out.glob("mutations/stock*"))) < 3

    cab(cache, *command[len(CAB) :], "--resume")

    assert differing(tasks, out) == []


def test_embedded_recipes_make_the_published_tasks(cache: Path, tmp_path: Path) -> None:
    failing = {
        "rust-error-negated": {
            "retry tests::first_attempt_ok_returns_immediately",
            "retry tests::gives_up_after_max_attempts",
            "retry tests::retries_on_error_until_success",
        },
        "python-comparator-swap": {
            "test_sorter.TestSorter.test_already_sorted",
            "test_sorter.TestSorter.test_ints_ascending",
            "test_sorter.TestSorter.test_strings_ascending",
            "test_sorter.TestSorter.test_with_negatives",
        },
    }
    for name, expected in failing.items():
        cab(cache, "generate", f"recipe:mutations/{name}", "--out", tmp_path, "-q")

        tests = json.loads((tmp_path / "mutations" / name / "hidden/tests.json").read_text())
        assert {test.rpartition("::")[2] if "::" in test else test for test in expected} == {
            test.rpartition("::")[2] if "::" in test else test for test in tests["fail_to_pass"]
        }
        manifest = yaml.safe_load((tmp_path / "mutations" / name / "task.yaml").read_text())
        assert manifest["task_id"] == f"mutations/{name}"
        assert manifest["tests"]["visibility"] == "visible"


def test_prepare_gives_one_commit_with_the_same_id(
    cache: Path, tasks: Path, tmp_path: Path
) -> None:
    bundle = bundles(tasks)[0]
    ids = []
    for name in ("a", "b"):
        cab(cache, "prepare", bundle, tmp_path / name)
        log = subprocess.run(
            ["git", "log", "--format=%H"], cwd=tmp_path / name, capture_output=True, text=True
        )
        ids.append(log.stdout)

    assert ids[0] == ids[1]
    assert len(ids[0].split()) == 1
    assert (tmp_path / "a/AGENTS.md").is_file()
    again = cab(cache, "prepare", bundle, tmp_path / "a", code=2)
    assert "not empty" in again.stderr


def test_red_seed_is_reported_test_by_test(cache: Path, tmp_path: Path) -> None:
    seed = tmp_path / "seed"
    seed.mkdir()
    (seed / "pyproject.toml").write_text('[project]\nname = "red"\nversion = "1"\n'
                                         "[tool.pytest.ini_options]\n")  # fmt: skip
    (seed / "red.py").write_text(
        "def sign(x):\n    if x < 0:\n        return -1\n    return 1 if x > 0 else 0\n"
    )
    (seed / "test_red.py").write_text(
        "from red import sign\n\n\ndef test_bad():\n    assert sign(1) == 2\n\n\n"
        "def test_minus():\n    assert sign(-2) == -1\n\n\n"
        "def test_zero():\n    assert sign(0) == 0\n\n\n"
        "def test_plus():\n    assert sign(2) == 1\n"
    )

    refused = cab(cache, "generate", seed, "--out", tmp_path / "o", "-q", code=3)
    allowed = cab(
        cache, "generate", seed, "--out", tmp_path / "o", "-q", "--allow-red", "--count", 1
    )

    assert "fails: test_red.py::test_bad" in refused.stderr
    assert "1 task;" in allowed.stdout


def broken_copy(bundle: Path, into: Path) -> Path:
    shutil.copytree(bundle, into, symlinks=True)
    return into


def renew_digests(bundle: Path) -> None:
    from cab_tasks.bundle import DIGESTS, digest_lines

    (bundle / DIGESTS).write_bytes(digest_lines(bundle))


def reasons(cache: Path, bundle: Path) -> list[str]:
    done = cab(cache, "validate", bundle, "--json", "-q", "--repeat", 1, code=1)
    return list(json.loads(done.stdout)["reasons"])


def test_validate_refuses_a_fix_that_does_not_fix(cache: Path, tasks: Path, tmp_path: Path) -> None:
    bundle = broken_copy(bundles(tasks)[0], tmp_path / "task")
    manifest = yaml.safe_load((bundle / "task.yaml").read_text())
    source = bundle / "workdir" / manifest["ground_truth_files"][0]
    line = source.read_text().splitlines()[0]
    (bundle / "hidden/fix.patch").write_text(
        f"--- a/{manifest['ground_truth_files'][0]}\n+++ b/{manifest['ground_truth_files'][0]}\n"
        f"@@ -1 +1,2 @@\n {line}\n+\n"
    )
    renew_digests(bundle)

    told = reasons(cache, bundle)

    assert any("repaired, run 1: does not pass" in reason for reason in told)
    assert any("outside expected_changes" in reason for reason in told)


def test_validate_refuses_a_task_whose_tests_do_not_fail(
    cache: Path, tasks: Path, tmp_path: Path
) -> None:
    bundle = broken_copy(bundles(tasks)[0], tmp_path / "task")
    subprocess.run(
        ["patch", "-p1", "-i", str(bundle / "hidden/fix.patch")],
        cwd=bundle / "workdir", check=True, capture_output=True,
    )  # fmt: skip
    renew_digests(bundle)

    told = reasons(cache, bundle)

    assert "the do-nothing attempt passes" in told
    assert any("the patch does not apply" in reason for reason in told)


def test_validate_finds_what_leaks(cache: Path, tasks: Path, tmp_path: Path) -> None:
    bundle = broken_copy(bundles(tasks)[0], tmp_path / "task")
    manifest = yaml.safe_load((bundle / "task.yaml").read_text())
    path = manifest["ground_truth_files"][0]
    right = tmp_path / "right"
    shutil.copytree(bundle / "workdir", right)
    patched(right, bundle / "hidden/fix.patch")
    (bundle / "workdir/notes.txt").write_text((right / path).read_text())
    (bundle / "workdir/.git").mkdir()
    (bundle / "workdir/.git/HEAD").write_text("ref: refs/heads/main\n")
    hidden = sorted((bundle / "hidden/tests").rglob("test_*.py"))
    for file in hidden:
        shutil.copy(file, bundle / "workdir" / file.name)
    renew_digests(bundle)

    told = reasons(cache, bundle)

    assert any("notes.txt: holds the right code" in reason for reason in told)
    assert any("build output: .git/HEAD" in reason for reason in told)
    assert any("holds the hidden test" in reason for reason in told)


def test_validate_notices_a_changed_file(cache: Path, tasks: Path, tmp_path: Path) -> None:
    bundle = broken_copy(bundles(tasks)[0], tmp_path / "task")
    with (bundle / "prompt.md").open("a") as prompt:
        prompt.write("\nOne more line.\n")

    assert reasons(cache, bundle) == ["digest differs: prompt.md"]


def test_validate_calls_a_task_without_evidence_valid_with_notes(
    cache: Path, tasks: Path, tmp_path: Path
) -> None:
    bundle = broken_copy(bundles(tasks)[0], tmp_path / "task")
    (bundle / "hidden/evidence.json").unlink()
    (bundle / "digests.txt").unlink()

    done = cab(cache, "validate", bundle, "--json", "-q", "--repeat", 1)

    made = json.loads(done.stdout)
    assert made["verdict"] == "valid"
    assert len(made["notes"]) == 2
