"""
The place that a seed's tests run in: built once per lock, kept in the cache, rebuilt from a bundle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.environment.byhand import place_environment, shell_lines
from cab_tasks.environment.installed import INSTALLED, build_installed, rebuild_installed
from cab_tasks.environment.python import build_python, rebuild_python
from cab_tasks.environment.record import LOCKS, read_record
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.sandbox import Policy
from cab_tasks.workspace import write

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.model import Environment, Seed

COMMIT = "commit"  # as a day: that of the seed's commit

__all__ = [
    "COMMIT",
    "INSTALLED",
    "build_environment",
    "build_installed",
    "lay_environment_files",
    "place_environment",
    "rebuild",
    "shell_lines",
]


def build_environment(
    seed: Seed,
    cache: Path,
    *,
    python: str | None = None,
    policy: Policy = Policy.AUTO,
    as_of: str = "",
) -> Environment:
    """
    The environment of a seed, from the cache where it is there; needs the network the first time.

    `as_of` is the day of the newest Python packages: YYYY-MM-DD, or `commit` for the seed's.

    Raises:
        SeedEnvironmentError: dependencies or toolchain cannot be had.
    """
    cache = cache.absolute()
    if seed.suite.language == "rust":
        from cab_tasks.environment.rust import build_rust

        return build_rust(seed, cache, policy)
    if as_of == COMMIT and not seed.date:
        raise SeedEnvironmentError(f"{seed.name}: no commit tells its day; give it: YYYY-MM-DD")
    return build_python(seed, cache, python, policy, seed.date if as_of == COMMIT else as_of)


def rebuild(folder: Path, cache: Path, *, policy: Policy = Policy.AUTO) -> Environment:
    """
    The environment of a bundle, from its `environment/` folder alone.

    `files` are the folder's own bytes; another patch level of the toolchain is a note.

    Raises:
        SeedEnvironmentError: the folder does not say enough, or the toolchain is not there.
    """
    language, toolchain, files = read_record(folder)
    if language == "rust":
        from cab_tasks.environment.rust import rebuild_rust

        return rebuild_rust(files, toolchain, cache.absolute(), policy)
    if language in INSTALLED:
        return rebuild_installed(language, files, toolchain, cache.absolute(), policy)
    return rebuild_python(files, toolchain, cache.absolute(), policy)


def lay_environment_files(environment: Environment, tree: Path) -> tuple[str, ...]:
    """
    Put into a run's tree what it cannot run without and the repository lacks: Cargo.lock.

    Returns the paths that were laid.
    """
    if environment.language != "rust" or (tree / LOCKS["rust"]).exists():
        return ()
    write(tree, LOCKS["rust"], dict(environment.files)[LOCKS["rust"]])
    return (LOCKS["rust"],)
