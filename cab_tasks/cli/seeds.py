"""
`cab-tasks seeds`: the embedded seed repositories.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cab_tasks import catalogue
from cab_tasks.cli._output import emit_json, table


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a seed.")] = False,
) -> None:
    """
    List the embedded seed repositories; `cab-tasks generate template:NAME` takes one.
    """
    seeds = catalogue.seeds()
    if not as_json:
        table(("seed", "language", "about"), [(s.spec, s.language, s.about) for s in seeds])
        return
    for seed in seeds:
        emit_json(
            {"name": seed.name, "spec": seed.spec, "language": seed.language, "about": seed.about}
        )
