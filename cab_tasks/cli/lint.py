"""
`cab-tasks lint`: rules over bundles.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks.bundle import find_bundles
from cab_tasks.cli._output import emit
from cab_tasks.cli._work import cores
from cab_tasks.errors import ExitCode, UsageError
from cab_tasks.lint.engine import LintRequest, fails, lint_bundles
from cab_tasks.lint.formats import Format, report_lines
from cab_tasks.lint.registry import chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.engine import LintResult


def command(
    paths: Annotated[list[Path], typer.Argument(help="Bundles, or folders with bundles below.")],
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended safely.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(help="Only these rules: codes, starts of codes or names; commas divide."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="All rules but these; as for --select.")
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="How findings are told.")
    ] = Format.TEXT,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Workers; 0: all cores.")] = 0,
) -> int:
    """
    Check bundles by rules, without running anything. Ends with 1 on errors and warnings.
    """
    request = LintRequest(_split(select), _split(ignore), fix, latest_date(os.environ))
    chosen(request.select, request.ignore)
    workers = jobs or cores()
    results = _Watched(lint_bundles(list(find_bundles(paths)), request, workers))
    for line in report_lines(results, output, Path.cwd()):
        emit(line)
    return ExitCode.FINDINGS if results.failed else ExitCode.CLEAN


class _Watched:
    """
    Results on their way to the screen, of which only one thing is kept: whether any fails.
    """

    def __init__(self, results: Iterator[LintResult]) -> None:
        self._results = results
        self.failed = False

    def __iter__(self) -> Iterator[LintResult]:
        for result in self._results:
            self.failed = self.failed or fails(result)
            yield result


def latest_date(environment: os._Environ[str] | dict[str, str]) -> str:
    """
    The day of SOURCE_DATE_EPOCH (ISO), "" where it is not set.

    Raises:
        UsageError: it is no number of seconds.
    """
    text = environment.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return ""
    try:
        moment = datetime.datetime.fromtimestamp(int(text), datetime.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"SOURCE_DATE_EPOCH: {text!r} is no number of seconds") from error
    return moment.date().isoformat()


def _split(entries: list[str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for entry in entries or () for part in entry.split(","))
