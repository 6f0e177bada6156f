"""
`cab-tasks prepare`: the folder that an agent starts in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cab_tasks.cli._output import emit, emit_json


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The task's folder.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for the agent.")],
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
) -> None:
    """
    Lay out what an agent starts in: a git repository with one commit, prompt and rules in it.
    """
    from cab_tasks.bundle import read_bundle
    from cab_tasks.prepare import prepare

    laid = prepare(read_bundle(bundle), folder)
    if as_json:
        emit_json({"type": "prepared", "folder": str(folder), "laid": list(laid)})
        return
    emit(f"{folder}: ready; laid in {' and '.join(laid)}")
