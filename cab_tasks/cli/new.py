"""
`cab-tasks new`: the skeleton of a hand-written task.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cab_tasks.errors import UsageError
from cab_tasks.skeleton import new_task


def command(
    task: Annotated[
        str,
        typer.Argument(metavar="FAMILY/NAME", help="Family (polyglot or integrity) and name."),
    ],
    language: Annotated[
        str, typer.Option(help="Language of the sources: python or rust.")
    ] = "python",
    into: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder that FAMILY/NAME is made in.")
    ] = Path("tasks"),
) -> None:
    """
    Start a hand-written task: a small valid bundle to make your own.
    """
    family, slash, name = task.partition("/")
    if not slash:
        raise UsageError(f"{task}: no task id; write FAMILY/NAME, such as polyglot/parse-dates")
    target = new_task(family, name, into, language)
    typer.echo(f"{target}: made; it is valid as it stands")
    typer.echo(f"next: cab-tasks validate {target} && cab-tasks lint {target}")
