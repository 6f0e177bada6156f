"""
`cab-tasks schema`: the JSON Schema of `task.yaml`.
"""

from __future__ import annotations

from cab_tasks.cli._output import emit


def command() -> None:
    """
    Print the JSON Schema (2020-12) of task.yaml, for editors and other tools.
    """
    from cab_tasks.manifest import schema_text

    emit(schema_text().rstrip())
