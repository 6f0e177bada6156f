"""
What the commands that run suites share: where the cache is, and how work is shown.
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cab_tasks.cli._output import tell
from cab_tasks.errors import UsageError
from cab_tasks.workspace import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mutators.base import AnyMutator

__all__ = ["available_mutators", "cache_folder", "plain_warnings"]


@contextmanager
def plain_warnings() -> Iterator[None]:
    """
    Warnings of ours (no sandbox) as one line each on stderr.
    """
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_args, **_more: tell(f"warning: {message}")
        yield


def available_mutators(files: Sequence[Path]) -> tuple[AnyMutator, ...]:
    """
    Ours, those that are installed, and those of these files.
    """
    from mutators import registry

    found = [one for lang in registry.LANGUAGES for one in registry.built_in(lang)]
    found += registry.installed()
    for file in files:
        if not file.is_file():
            raise UsageError(f"{file}: no such file; --mutator-path takes a Python file")
        found += registry.from_file(file)
    return tuple(found)


def chosen_mutators(
    wanted: Sequence[str], files: Sequence[Path], language: str | None
) -> tuple[AnyMutator, ...]:
    """
    Those that patterns name, of one language or of all; all for no pattern.
    """
    from cab_tasks.ground import selected

    return selected(available_mutators(files), wanted, lambda known: language in (None, known))


def cores() -> int:
    """
    How many this process may use.
    """
    return len(os.sched_getaffinity(0))


def day_of(as_of: str) -> str:
    """
    What `--as-of` says, checked.

    Raises:
        UsageError: it is neither a date nor `commit`.
    """
    if not as_of:
        return as_of
    import datetime

    from cab_tasks.environment import COMMIT

    if as_of == COMMIT:
        return as_of
    try:
        return datetime.date.fromisoformat(as_of).isoformat()
    except ValueError as error:
        raise UsageError(f"--as-of {as_of}: no date; give YYYY-MM-DD, or commit") from error


def one_of(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(f"{option} {value}: give {' or '.join(known)}")


def check_executor(executor: str, address: str) -> None:
    """
    Before any work: Ray is there if it is asked for.
    """
    one_of("--executor", executor, ("local", "ray"))
    if executor == "ray":
        from cab_tasks.executors.ray import check_installed

        check_installed()
    elif address:
        raise UsageError(f"--address {address}: of a Ray cluster; give --executor ray, too")
