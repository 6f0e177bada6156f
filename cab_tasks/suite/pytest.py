"""
pytest: the repository's own, with its own configuration but for what would spoil a measured run.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from cab_tasks.errors import UsageError
from cab_tasks.suite.addopts import kept_options, stated_options
from cab_tasks.suite.python import run_python

if TYPE_CHECKING:
    from cab_tasks.model import Reach, Run
    from cab_tasks.suite.request import Request

_CONTROLLED = (
    "--rootdir=.",  # ids are paths from the tree's root, whatever folders the command names
    "--continue-on-collection-errors",
    "--tb=no",
    *("-p", "no:randomly"),
    *("-p", "no:faulthandler"),  # it would cancel our own guard
    *("-o", "cache_dir=$HOME/.cab-pytest"),
    *("-o", "addopts="),  # in `arguments`, without those that are not kept
)
_NAMES = ("pytest", "py.test")


def run_pytest(request: Request) -> tuple[Run, Reach]:
    """
    One run of pytest with an outcome for each test.

    Raises:
        UsageError: the command does not name pytest.
    """
    arguments, adds_tree = pytest_arguments(request)
    return run_python(request, arguments, adds_tree=adds_tree)


def pytest_arguments(request: Request) -> tuple[tuple[str, ...], bool]:
    """
    What pytest is given, and whether the command puts its folder on the import path.

    Raises:
        UsageError: the command does not name pytest.
    """
    launcher, words = _split(request.spec.command)
    options = stated_options(request.tree, words, request.variable("PYTEST_ADDOPTS"))
    plain = ("--assert=plain",) if request.is_quick and not _is_optimized(request) else ()
    arguments = (*_CONTROLLED, *kept_options((*options, *words)), *plain)
    return arguments, launcher[-2:-1] == ("-m",)


def _is_optimized(request: Request) -> bool:
    """
    Whether Python leaves plain asserts out; pytest's own are none.
    """
    return bool(request.variable("PYTHONOPTIMIZE"))


def _split(command: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    What starts pytest, and what is for pytest; only `python -m pytest` adds its folder to the path.
    """
    for at, word in enumerate(command):
        if PurePosixPath(word).name in _NAMES:
            return command[: at + 1], command[at + 1 :]
    raise UsageError(f"{' '.join(command)}: does not name pytest; give another command")
