"""
Every error that a user can meet, with its exit code.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """
    What the process ends with.
    """

    CLEAN = 0  # all done, nothing found
    FINDINGS = 1  # findings, invalid tasks, or no task could be made
    USAGE = 2  # the call, a file or a setting is wrong
    BASELINE = 3  # the seed's own suite is not green
    TIMEOUT = 4  # a time limit ended the work
    BUG = 70  # our fault


class CabError(Exception):
    """
    The work cannot go on. The message says what, where, and what to do.
    """

    exit_code = ExitCode.USAGE


class UsageError(CabError):
    """
    A call, path or setting that makes no sense.
    """


class SeedError(CabError):
    """
    A seed that cannot be taken: not found, no known language, too large, submodules, LFS pointers.
    """


class SeedEnvironmentError(CabError):
    """
    The seed's dependencies or toolchain cannot be had.
    """


class BaselineError(CabError):
    """
    The seed's own suite fails, is flaky, or names no test.
    """

    exit_code = ExitCode.BASELINE


class BundleError(CabError):
    """
    A bundle that cannot be read at all; `place` is `file:line:column` as far as known.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place


class SandboxError(CabError):
    """
    No sandbox although one is required, or it cannot start; an infrastructure fault.
    """


class WorkerDiedError(CabError):
    """
    A worker process was killed from outside, most often for memory; fewer `--jobs` may help.
    """


class TimeLimitError(CabError):
    """
    The whole command ran over its own time limit.
    """

    exit_code = ExitCode.TIMEOUT
