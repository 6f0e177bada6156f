"""
How findings are told: one file a format, each giving the lines to print.
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import printable
from cab_tasks.lint.formats.annotations import annotation_lines
from cab_tasks.lint.formats.records import record_lines
from cab_tasks.lint.formats.sarif import sarif_lines
from cab_tasks.lint.formats.text import text_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from cab_tasks.lint.engine import LintResult


class Format(StrEnum):
    """
    TEXT for people, JSON for programs (one object a line), SARIF for code scanning, GITHUB for CI.
    """

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def report_lines(results: Iterable[LintResult], form: Format, here: Path) -> Iterator[str]:
    """
    The report, line by line; paths are relative to `here` where they are below it.
    """
    # Of a thousand good bundles, none is named.
    shown = (
        (shown_path(result.root, here) if result.findings or result.fixed else "", result)
        for result in results
    )
    if form is Format.TEXT:
        yield from text_lines(shown)
    elif form is Format.JSON:
        yield from record_lines(shown)
    elif form is Format.GITHUB:
        yield from annotation_lines(shown)
    else:
        yield from sarif_lines(shown)


def shown_path(root: Path, here: Path) -> str:
    """
    A bundle's folder with `/`, relative to `here` where it is below.
    """
    place = os.path.abspath(root)  # noqa: PTH100 - Path.absolute keeps `..`, resolve follows links
    below = os.path.relpath(place, here)
    return printable((place if below.startswith("..") else below).replace(os.sep, "/"))
