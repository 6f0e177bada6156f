"""
Where the embedded data is: seeds, recipes of tasks, skeletons of hand-written ones.
"""

from __future__ import annotations

from pathlib import Path

from cab_tasks.errors import UsageError


def root() -> Path:
    """
    The folder of the embedded data, beside this package in a checkout and in a wheel alike.
    """
    return Path(__file__).parents[1] / "task_templates"


def seed_names() -> tuple[str, ...]:
    """
    Names of the embedded seeds, sorted.
    """
    return folder_names(root() / "seeds")


def seed_path(name: str) -> Path:
    """
    The folder of an embedded seed; read it, never write it.

    Raises:
        UsageError: no embedded seed has this name.
    """
    if name not in seed_names():
        raise UsageError(f"template:{name}: no such seed; there are {', '.join(seed_names())}")
    return root() / "seeds" / name


def recipe_paths() -> tuple[Path, ...]:
    """
    Every embedded `recipe.yaml`, sorted by task id; `cab_tasks.recipe` reads them.
    """
    return tuple(sorted((root() / "tasks").glob("*/*/recipe.yaml")))


def folder_names(folder: Path) -> tuple[str, ...]:
    """
    Names of the folders in a folder, sorted; caches that tools leave behind do not count.
    """
    names = (child.name for child in folder.iterdir() if child.is_dir())
    return tuple(sorted(name for name in names if name[0] not in "._"))
