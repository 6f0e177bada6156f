"""
unittest, found as `python -m unittest` finds tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.errors import UsageError
from cab_tasks.suite.python import run_python

if TYPE_CHECKING:
    from cab_tasks.model import Reach, Run
    from cab_tasks.suite.request import Request

_ENDS_EARLY = ("-f", "--failfast")


def run_unittest(request: Request) -> tuple[Run, Reach]:
    """
    One run of unittest with an outcome for each test.

    Raises:
        UsageError: the command does not name unittest.
    """
    arguments, adds_tree = unittest_arguments(request)
    return run_python(request, arguments, adds_tree=adds_tree)


def unittest_arguments(request: Request) -> tuple[tuple[str, ...], bool]:
    """
    What unittest is given, and that the command puts its folder on the import path.

    Raises:
        UsageError: the command does not name unittest.
    """
    command = request.spec.command
    if "unittest" not in command:
        raise UsageError(f"{' '.join(command)}: does not name unittest; give another command")
    words = command[command.index("unittest") + 1 :]
    return tuple(word for word in words if word not in _ENDS_EARLY), True
