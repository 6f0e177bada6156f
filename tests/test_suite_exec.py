"""
exec suites: a line a check, and a code that agrees with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from suite_runs import LIMITS, filled, installed, outcomes, python_environment

from cab_tasks.model import Environment, Run, RunEnd, SuiteSpec
from cab_tasks.sandbox import Limits
from cab_tasks.suite import run_suite

if TYPE_CHECKING:
    from pathlib import Path


def run_exec(tree: Path, *command: str, **options: Any) -> Run:
    environment: Environment = options.pop("environment", python_environment())
    spec = SuiteSpec(environment.language, "exec", command)
    return run_suite(spec, environment, tree, **{"limits": LIMITS, **options})


def shell(folder: Path, text: str, **options: Any) -> Run:
    return run_exec(filled(folder, **{"run.sh": text}), "sh", "run.sh", **options)


def test_exec_run_tells_every_check(tmp_path: Path) -> None:
    text = "echo ok one two\necho 'FAIL three: it is: so'\necho 'ok: all well'\necho odd; exit 1\n"

    run = shell(tmp_path, text)

    assert (run.end, run.detail) == (RunEnd.COMPLETED, "")
    assert outcomes(run) == {"one two": "passed", "three": "failed"}
    assert [one.failure.message for one in run.results if one.failure] == ["it is: so"]


def test_exec_run_filters_by_selection(tmp_path: Path) -> None:
    run = shell(tmp_path, "echo ok a; echo ok b\n", select=("b", "c"))

    assert outcomes(run) == {"b": "passed"}


@pytest.mark.parametrize(
    ("text", "end", "detail"),
    [
        ("exit 0", RunEnd.NO_TESTS, "no check was told"),
        ("echo words; exit 0", RunEnd.NO_TESTS, "no check was told"),
        ("exit 3", RunEnd.CRASHED, "exit code 3, 0 checks told, none failed: "),
        ("echo ok a; exit 1", RunEnd.CRASHED, "exit code 1, 1 checks told, none failed: "),
        ("echo ok a; kill -9 $$", RunEnd.CRASHED, "exit code -9, 1 checks told, none failed: "),
        (
            "echo FAIL a: b; echo why >&2; exit 0",
            RunEnd.CRASHED,
            "exit code 0, 1 checks told, one failed: why",
        ),
        ("echo ok a; sleep 60", RunEnd.TIMEOUT, "over the suite's time limit"),
    ],
    ids=["silent", "no check", "code alone", "code differs", "killed", "a lie", "hangs"],
)
def test_exec_run_that_does_not_agree_with_itself_is_not_complete(
    text: str, end: RunEnd, detail: str, tmp_path: Path
) -> None:
    run = shell(tmp_path, f"{text}\n", limits=Limits(timeout_s=2 if "sleep" in text else 60))

    assert (run.end, run.detail) == (end, detail)


def test_check_told_twice_is_no_pass(tmp_path: Path) -> None:
    run = shell(tmp_path, "echo ok a; echo ok a; echo ok b\n")

    assert outcomes(run) == {"b": "passed"}
    assert run.unstable == ("a",)


def test_exec_run_uses_the_interpreter_of_its_environment(tmp_path: Path) -> None:
    filled(tmp_path, **{"check.py": "import sys\nprint('ok', sys.prefix)\n"})

    run = run_exec(tmp_path, "python", "-I", "check.py")

    assert outcomes(run) == {"/cab/env": "passed"}


def test_java_program_is_compiled_and_run_in_the_sandbox(tmp_path: Path) -> None:
    environment = installed("java")
    files = {
        "Main.java": "class Main { public static void main(String[] a) {"
        ' System.out.println("ok " + new Part().name()); } }\n',
        "Part.java": 'class Part { String name() { return "built"; } }\n',
        "run.sh": "set -e\njavac -d /tmp/classes *.java\njava -cp /tmp/classes Main\n",
    }

    run = run_exec(filled(tmp_path, **files), "sh", "run.sh", environment=environment)

    assert (run.end, outcomes(run)) == (RunEnd.COMPLETED, {"built": "passed"})


def test_java_that_does_not_compile_tells_the_compilers_words(tmp_path: Path) -> None:
    environment = installed("java")
    files = {"Main.java": "class Main { int x = y; }\n", "run.sh": "javac -d /tmp/c Main.java\n"}

    run = run_exec(filled(tmp_path, **files), "sh", "run.sh", environment=environment)

    assert (run.end, run.results) == (RunEnd.CRASHED, ())
    assert "Main.java:1: error: cannot find symbol" in run.detail
