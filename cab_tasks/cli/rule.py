"""
`cab-tasks rule`: the lint rules, and the page of each.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cab_tasks.cli._output import emit_json, markdown, table
from cab_tasks.errors import UsageError
from cab_tasks.lint.registry import rules


def command(
    code: Annotated[
        str | None, typer.Argument(help="Print the page of this rule (`CAB001`, or its name).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a rule.")] = False,
) -> None:
    """
    List the lint rules, or print the page of one: what it finds, why it matters, how to mend it.
    """
    found = [rule for rule in rules() if code is None or code in (rule.code, rule.name)]
    if not found:
        raise UsageError(f"{code}: no such rule; `cab-tasks rule` lists them")
    if as_json:
        for rule in found:
            emit_json(record(rule))
    elif code:
        markdown(found[0].page())
    else:
        columns = ("code", "name", "severity", "fix", "what it finds")
        table(columns, [_row(rule) for rule in found])


def record(rule: Any) -> dict[str, Any]:
    """
    A rule as `--json` prints it.
    """
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": str(rule.severity),
        "fixable": rule.fixable,
        "summary": rule.summary,
        "page": rule.page(),
    }


def _row(rule: Any) -> tuple[object, ...]:
    return rule.code, rule.name, rule.severity, "yes" if rule.fixable else "", rule.summary
