"""
SARIF 2.1.0, the OASIS format that code scanning services read.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cab_tasks import __version__
from cab_tasks.lint.finding import Severity
from cab_tasks.lint.registry import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cab_tasks.lint.engine import LintResult
    from cab_tasks.lint.finding import Finding
    from cab_tasks.lint.rule import Rule

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_EMPTY = '"results": []'
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif_lines(results: Iterable[tuple[str, LintResult]]) -> Iterator[str]:
    """
    One log of one run, line by line: all rules, and a result a finding as soon as it is there.
    """
    numbers = {rule.code: number for number, rule in enumerate(rules())}
    found = (
        _result(root, finding, numbers[finding.code])
        for root, result in results
        for finding in result.findings
    )
    start, end = _dump(_log()).split(_EMPTY)
    line, comma = start + _EMPTY.removesuffix("]"), ""
    for plain in found:
        yield line + comma
        line, comma = textwrap.indent(_dump(plain), "    "), ","
    yield f"{line}\n   ]{end}" if comma else start + _EMPTY + end


def _log() -> dict[str, Any]:
    """
    The log of a run that found nothing.
    """
    driver = {
        "name": "cab-tasks lint",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules()],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": []}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _dump(plain: dict[str, Any]) -> str:
    return json.dumps(plain, indent=1, ensure_ascii=False)


def _rule(rule: Rule) -> dict[str, Any]:
    sections = rule.sections()
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary} Finds {sections['What it finds']}"},
        "help": {"text": sections["How to mend"], "markdown": rule.page()},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(root: str, finding: Finding, number: int) -> dict[str, Any]:
    path, line, column = finding.place
    place = {
        "artifactLocation": {"uri": _uri(root, path)},
        "region": {"startLine": line, "startColumn": column},
    }
    return {
        "ruleId": finding.code,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
    }


def _uri(root: str, path: str) -> str:
    text = quote(f"{root}/{path}", errors="surrogateescape")
    return f"file://{text}" if root.startswith("/") else text
