"""
`cab-tasks new`: a hand-written task, from a skeleton or as it is embedded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cab_tasks.cli._output import table
from cab_tasks.errors import UsageError


def command(
    task: Annotated[
        str | None,
        typer.Argument(metavar="FAMILY/NAME", help="Family (polyglot or integrity) and name."),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of a skeleton: python, rust, go or java.", show_default="python"
        ),
    ] = None,
    into: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder that FAMILY/NAME is made in.")
    ] = Path("tasks"),
    is_list: Annotated[bool, typer.Option("--list", help="List the embedded tasks.")] = False,
) -> None:
    """
    Start a hand-written task: a small valid bundle to make your own.

    The id of an embedded task gives that task as it is; `--list` tells them.
    """
    if is_list:
        table(("task", "language", "title", "made by"), _embedded())
        return
    family, slash, name = (task or "").partition("/")
    if not slash:
        raise UsageError(
            f"{task or 'new'}: no task id; write FAMILY/NAME, such as polyglot/parse-dates"
        )
    _make(family, name, into, language)


def _make(family: str, name: str, into: Path, language: str | None) -> None:
    from cab_tasks.skeleton import new_task

    target = new_task(family, name, into, language)
    typer.echo(f"{target}: made; it is valid as it stands")
    typer.echo(f"next: cab-tasks validate {target} && cab-tasks lint {target}")


def _embedded() -> list[tuple[str, str, str, str]]:
    """
    Every task that comes with cab-tasks, sorted by id, and the command that makes it.
    """
    from cab_tasks.bundle import MANIFEST, read_manifest
    from cab_tasks.recipe import recipes
    from cab_tasks.templates import task_ids, task_path

    by_hand = [read_manifest(task_path(task_id) / MANIFEST) for task_id in task_ids()]
    rows: list[tuple[str, str, str, str]] = [
        (one.task_id, one.language, one.title, f"cab-tasks new {one.task_id}") for one in by_hand
    ]
    rows += [
        (
            recipe.task_id,
            recipe.mutator.partition(":")[0],
            recipe.title,
            f"cab-tasks generate recipe:{recipe.task_id}",
        )
        for recipe in recipes()
    ]
    return sorted(rows)
