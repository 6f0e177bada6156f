"""
Small suites to run, and an environment to run them in.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from cab_tasks.cli._work import cache_folder
from cab_tasks.environment import build_installed
from cab_tasks.model import Environment, Run, SuiteSpec
from cab_tasks.sandbox import Limits, Policy
from cab_tasks.suite import run_suite

REPOS = Path(__file__).parent / "repos"
LIMITS = Limits(timeout_s=120)


def python_environment() -> Environment:
    root = Path(sys.prefix)
    return Environment("python", "own", root, "cpython", root / "bin" / "python")


def rust_environment(folder: Path) -> Environment:
    home = folder / "cargo-home"
    home.mkdir(exist_ok=True)
    return Environment("rust", "empty", home, "rustc")


def pytest_spec(*words: str, path: str = "src") -> SuiteSpec:
    return SuiteSpec(
        language="python",
        framework="pytest",
        command=("python", "-m", "pytest", *words),
        env=(("PYTHONPATH", path),),
        test_globs=("tests/**", "test_*.py"),
        source_roots=(path,),
    )


def unittest_spec(*words: str) -> SuiteSpec:
    command = ("python", "-m", "unittest", *words)
    return SuiteSpec("python", "unittest", command, (), ("tests/**",), (".",))


def cargo_spec(*words: str) -> SuiteSpec:
    return SuiteSpec("rust", "cargo", ("cargo", "test", *words), (), ("tests/**",), ("src",))


def installed(language: str) -> Environment:
    """
    The environment of Go or Java, in the user's own cache: Go's library is built into it once.
    """
    program = {"go": "go", "java": "javac"}[language]
    if shutil.which(program) is None and os.environ.get("CI") != "true":
        pytest.skip(f"{program} is not installed")
    return build_installed(language, cache_folder(), Policy.AUTO)


def filled(folder: Path, **files: str) -> Path:
    """
    A tree of files by path.
    """
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def copied(name: str, folder: Path) -> Path:
    tree = folder / name
    shutil.copytree(REPOS / name, tree)
    return tree


def written(folder: Path, **files: str) -> Path:
    """
    A tree of files: `tests__test_x` is tests/test_x.py.
    """
    tree = folder / "tree"
    for name, text in files.items():
        path = tree / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tree


def run_python(tree: Path, spec: SuiteSpec, **options: Any) -> Run:
    limits = options.pop("limits", LIMITS)
    return run_suite(spec, python_environment(), tree, limits=limits, **options)


def outcomes(run: Run) -> dict[str, str]:
    return {result.id: result.outcome.value for result in run.results}
