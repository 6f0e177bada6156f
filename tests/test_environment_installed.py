"""
Go and Java environments: the installed toolchain, or why there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from suite_runs import installed

from cab_tasks.environment import build_installed, rebuild, shell_lines
from cab_tasks.environment.record import environment_files
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.sandbox import Policy
from cab_tasks.templates import task_path
from cab_tasks.validate import validate
from cab_tasks.workspace import write

if TYPE_CHECKING:
    from pathlib import Path

JAVA_TASK = "polyglot/java-exception-handling"


@pytest.mark.parametrize(
    ("language", "program"), [("go", "go"), ("java", "javac")], ids=["go", "java"]
)
def test_missing_toolchain_is_told_by_name(
    language: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SeedEnvironmentError) as error:
        build_installed(language, tmp_path, Policy.AUTO)

    assert str(error.value).startswith(f"no {program} on the PATH; install ")


def test_task_without_its_toolchain_is_inconclusive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    made = validate(task_path(JAVA_TASK), tmp_path)

    assert made.verdict == "inconclusive"
    assert made.reasons == ("no javac on the PATH; install a JDK, such as default-jdk-headless",)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("go version go1.19.8 linux/amd64", "go 1.19.8 is too old; install 1.20 or newer"),
        ("hello", "tells no version; is it a toolchain of go?"),
    ],
    ids=["old", "other"],
)
def test_toolchain_that_does_not_do_is_refused(
    said: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "go/bin/go", f"#!/bin/sh\necho {said}\n".encode(), executable=True)
    monkeypatch.setenv("PATH", f"{tmp_path}/go/bin:/usr/bin:/bin")

    with pytest.raises(SeedEnvironmentError) as error:
        build_installed("go", tmp_path / "cache", Policy.AUTO)

    assert str(error.value).endswith(message)


def test_environment_is_rebuilt_from_its_record_with_a_note(tmp_path: Path) -> None:
    here = installed("java")
    for path, data in environment_files("java", "javac 11.0.1", ()):
        write(tmp_path, path, data)

    made = rebuild(tmp_path, tmp_path / "cache")

    assert (made.language, made.toolchain, made.root.name) == (
        "java",
        here.toolchain,
        here.root.name,
    )
    assert made.notes == (f"built with {here.toolchain}, recorded is javac 11.0.1",)
    assert dict(made.files)["Dockerfile"].startswith(b"FROM eclipse-temurin:11-jdk\n")


def test_shell_lines_of_a_toolchain_are_the_command_alone(tmp_path: Path) -> None:
    lines = shell_lines(installed("java"), tmp_path, tmp_path / "task", "sh tests/run.sh")

    assert lines[-1] == "sh tests/run.sh"
    assert len(lines) == 3
