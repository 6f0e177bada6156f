"""
`cab-tasks schema`: the JSON Schemas of what cab-tasks reads and writes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cab_tasks.cli._output import emit


class Which(StrEnum):
    """
    What there is a schema of.
    """

    TASK = "task"
    SCORE = "score"


def command(
    which: Annotated[
        Which, typer.Argument(help="task: task.yaml; score: the record of a score.")
    ] = Which.TASK,
) -> None:
    """
    Print a JSON Schema (2020-12), for editors and other tools.
    """
    if which is Which.SCORE:
        from cab_tasks.score.record import schema_text
    else:
        from cab_tasks.manifest import schema_text

    emit(schema_text().rstrip())
