"""
For people: `path:line:column: CAB001 message`, then what was mended, then a summary.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Severity, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cab_tasks.lint.engine import LintResult
    from cab_tasks.lint.finding import Finding


def text_lines(results: Iterable[tuple[str, LintResult]]) -> Iterator[str]:
    """
    One line a finding, one a repair, and the summary.
    """
    found: Counter[Severity] = Counter()
    bundles = fixable = fixed = 0
    for root, result in results:
        bundles += 1
        for finding in result.findings:
            found[finding.severity] += 1
            fixable += finding.fixable
            yield _line(root, finding)
        for fix in result.fixed:
            fixed += 1
            yield f"{root}/{printable(fix.path)}: fixed {fix.code}: {fix.says}"
    yield _summary(bundles, found, fixable, fixed)


def _line(root: str, finding: Finding) -> str:
    path, line, column = finding.place
    word = "" if finding.severity is Severity.ERROR else f"{finding.severity}: "
    star = " [*]" if finding.fixable else ""
    return f"{root}/{printable(path)}:{line}:{column}: {finding.code}{star} {word}{finding.message}"


def _summary(bundles: int, found: Counter[Severity], fixable: int, fixed: int) -> str:
    counts = [_count(found[s], s) for s in (Severity.ERROR, Severity.WARNING) if found[s]]
    if found[Severity.INFO]:
        counts.append(f"{found[Severity.INFO]} info")
    said = f"{_count(bundles, 'bundle')}: {', '.join(counts) or 'nothing found'}"
    mended = f"; {fixed} fixed" if fixed else ""
    more = f"; {fixable} [*] can be fixed with --fix" if fixable else ""
    return said + mended + more


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
