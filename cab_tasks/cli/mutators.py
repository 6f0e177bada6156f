"""
`cab-tasks mutators`: the kinds of bug, and the page of each.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cab_tasks import catalogue
from cab_tasks.cli._output import emit_json, markdown, table

if TYPE_CHECKING:
    from mutators.base import AnyMutator

COLUMNS = ("code", "CWE", "state", "what it does")


def command(
    code: Annotated[
        str | None,
        typer.Argument(help="Print the page of this one (`python:cond.negate`, `cond.negate`)."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Only those of one language.")
    ] = None,
    mutator_path: Annotated[
        list[Path] | None,
        typer.Option("--mutator-path", help="Also those defined in this Python file; it is run."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a mutator.")
    ] = False,
) -> None:
    """
    List the mutators, or print the page of one: what it injects, why that is fair, examples.
    """
    files = tuple(mutator_path or ())
    found = catalogue.mutator(code, files) if code else catalogue.mutators(language, files)
    if as_json:
        for one in found:
            emit_json(record(one))
    elif code:
        markdown("\n".join(catalogue.mutator_page(one) for one in found))
    else:
        rows = [(one.code(), one.cwe, one.state(), one.summary()) for one in found]
        table(COLUMNS, rows, right="CWE")


def record(one: AnyMutator) -> dict[str, Any]:
    """
    A mutator as `--json` prints it.
    """
    examples = [
        {"before": example.before, "after": list(example.after), "why": example.why}
        for example in one.examples
    ]
    return {
        "code": one.code(),
        "id": one.id,
        "language": one.language,
        "cwe": one.cwe,
        "state": one.state(),
        "hunks": one.hunks,
        **{heading.replace(" ", "_"): text for heading, text in one.page().items()},
        "examples": examples,
    }
