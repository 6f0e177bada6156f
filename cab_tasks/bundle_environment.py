"""
The environment that a bundle is judged in: from its lock, else from what its workdir asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks.environment import INSTALLED, build_environment, build_installed, rebuild
from cab_tasks.errors import BundleError, SeedEnvironmentError
from cab_tasks.sandbox import Policy
from cab_tasks.seed import take_seed
from cab_tasks.sites import SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.bundle import Bundle
    from cab_tasks.model import Environment


def environment_of(bundle: Bundle, cache: Path, policy: Policy = Policy.AUTO) -> Environment:
    """
    From the bundle's lock; one without a lock gets what its workdir asks for.

    Raises:
        SeedEnvironmentError: it cannot be had, or this version does not run such suites.
        BundleError: its lock cannot be understood.
    """
    tests = bundle.manifest.tests
    language = bundle.manifest.language
    if language not in (*SUFFIXES, *INSTALLED):
        raise SeedEnvironmentError(f"{language}: suites of this language are not run yet")
    folder = bundle.root / format_.ENVIRONMENT
    if folder.is_dir():
        return _rebuilt(folder, cache, policy)
    if language in INSTALLED:
        return build_installed(language, cache.absolute(), policy)
    seed = take_seed(
        str(bundle.workdir),
        language=language,
        test_command=tests.command,
        cache=cache,
        policy=policy,
    )
    return build_environment(seed, cache, policy=policy)


def _rebuilt(folder: Path, cache: Path, policy: Policy) -> Environment:
    try:
        return rebuild(folder, cache, policy=policy)
    except (UnicodeError, RecursionError) as error:
        raise BundleError(f"cannot be understood: {error}", str(folder)) from error
