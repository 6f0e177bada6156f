"""
For programs: one JSON object a finding, and one a repair.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cab_tasks.lint.engine import LintResult


def record_lines(results: Iterable[tuple[str, LintResult]]) -> Iterator[str]:
    """
    JSON lines; `kind` is `finding` or `fix`.
    """
    for root, result in results:
        for finding in result.findings:
            path, line, column = finding.place
            yield _dump(
                kind="finding", code=finding.code, severity=str(finding.severity),
                message=finding.message, bundle=root, path=printable(path), line=line,
                column=column, fixable=finding.fixable,
            )  # fmt: skip
        for fix in result.fixed:
            path = printable(fix.path)
            yield _dump(kind="fix", code=fix.code, message=fix.says, bundle=root, path=path)


def _dump(**record: object) -> str:
    return json.dumps(record, ensure_ascii=False)
