"""
Where the embedded data is: seeds, recipes of tasks, hand-written tasks, skeletons of them.
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


def task_ids() -> tuple[str, ...]:
    """
    Ids of the embedded hand-written tasks, sorted; those that a recipe makes are not among them.
    """
    folders = (path.parent for path in (root() / "tasks").glob("*/*/task.yaml"))
    return tuple(sorted(f"{folder.parent.name}/{folder.name}" for folder in folders))


def task_path(task_id: str) -> Path:
    """
    The folder of an embedded hand-written task, a whole bundle; read it, never write it.

    Raises:
        UsageError: no embedded task has this id.
    """
    if task_id not in task_ids():
        raise UsageError(f"{task_id}: no such task; there are {', '.join(task_ids())}")
    return root() / "tasks" / task_id


def folder_names(folder: Path) -> tuple[str, ...]:
    """
    Names of the folders in a folder, sorted; caches that tools leave behind do not count.
    """
    names = (child.name for child in folder.iterdir() if child.is_dir())
    return tuple(sorted(name for name in names if name[0] not in "._"))
