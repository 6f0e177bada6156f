"""
A repository to make tasks of: taken from where it is, understood, and kept as a pristine copy.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from cab_tasks.environment.project_setup import set_up
from cab_tasks.errors import SeedError
from cab_tasks.model import Seed
from cab_tasks.project import read_settings, read_toml, table_at
from cab_tasks.sandbox import Policy
from cab_tasks.seed.detect import detect_language, detect_suite, split_command
from cab_tasks.seed.license import find_license
from cab_tasks.seed.source import Order, Taken, take_files
from cab_tasks.workspace import LinkError, check_links, copy_tree, paths, place, tree_hash, write

__all__ = ["MAX_SIZE_BYTES", "take_seed"]

MAX_SIZE_BYTES = 200 << 20  # files that a bundle still holds with ease


def take_seed(
    spec: str,
    *,
    cache: Path,
    rev: str | None = None,
    language: str | None = None,
    test_command: str | None = None,
    dirty: bool = False,
    max_size: int = MAX_SIZE_BYTES,
    python: str | None = None,
    policy: Policy = Policy.AUTO,
) -> Seed:
    """
    Take a seed from a folder, a git URL with `@rev`, or `template:NAME`; never changes it.

    Python projects with build steps are built once, in the sandbox, for their metadata and for
    the ignored files that a build makes (`_version.py`); those files join the tree.

    Raises:
        SeedError: it is not there, or cannot be made tasks of; the message says what to do.
    """
    cache = cache.absolute()
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="seed-", dir=cache) as scratch:
        tree = Path(scratch, "tree")
        taken = take_files(Order(spec, rev, dirty, max_size, cache), tree)
        if not tree.is_dir() or not paths(tree):
            raise SeedError(f"{spec}: empty, there is no file to make a task of")
        try:
            check_links(tree)
            seed = _understood(taken, tree, language, split_command(test_command or ""))
        except (SeedError, LinkError) as error:
            raise SeedError(f"{spec}: {error}") from error
        if seed.suite.language == "python":
            seed = _built(seed, taken, cache, python, policy)
        return _kept(seed, cache)


def _understood(
    taken: Taken, tree: Path, language: str | None, test_command: tuple[str, ...]
) -> Seed:
    settings = read_settings(tree)
    found = detect_language(tree, settings, language)
    suite = detect_suite(tree, settings, found, test_command)
    name = _project_name(tree, found) or taken.name
    return Seed(
        name=_slug(name),
        origin=taken.origin or name,
        commit=taken.commit,
        date=taken.date,
        tree=tree,
        tree_hash="",
        license=settings.license or find_license(tree),
        suite=suite,
        warnings=taken.warnings,
    )


def _built(seed: Seed, taken: Taken, cache: Path, python: str | None, policy: Policy) -> Seed:
    """
    The seed with what its build makes: files in the tree, metadata beside it.
    """
    setup = set_up(
        seed.tree,
        version=taken.version,
        date=seed.date,
        fallback_name=seed.name,
        cache=cache,
        python=python,
        policy=policy,
    )
    for path, data in setup.generated:
        write(seed.tree, path, data)
    return replace(seed, site=setup.site, warnings=(*seed.warnings, *setup.warnings))


def _kept(seed: Seed, cache: Path) -> Seed:
    """
    The seed with its tree where it stays, by its hash.
    """
    digest = tree_hash(seed.tree)
    kept = cache / "trees" / digest
    if not kept.is_dir():
        with place(kept, durable=False) as beside:
            copy_tree(seed.tree, beside)
    return replace(seed, tree=kept, tree_hash=digest)


def _project_name(tree: Path, language: str) -> str:
    if language == "rust":
        named = table_at(read_toml(tree, "Cargo.toml"), "package").get("name")
    else:
        pyproject = read_toml(tree, "pyproject.toml")
        poetry = table_at(pyproject, "tool", "poetry").get("name")
        named = table_at(pyproject, "project").get("name", poetry)
    return named if isinstance(named, str) else ""


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "seed"
