"""
`cab-tasks docs`: writes the generated pages, or tells which of them are stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cab_tasks import catalogue
from cab_tasks.cli._output import emit
from cab_tasks.errors import ExitCode


def command(
    folder: Annotated[Path, typer.Argument(help="The documentation's folder.")] = Path("docs"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a page is stale.")
    ] = False,
) -> None:
    """
    Write the pages that come from docstrings: mutators, lint rules, the schema.
    """
    stale = catalogue.stale_pages(folder)
    for page in stale:
        emit(f"{folder / page}: {'stale; `make docs` writes it' if check else 'written'}")
    if check and stale:
        raise typer.Exit(ExitCode.FINDINGS)
    if not check:
        catalogue.write_pages(folder, stale)
