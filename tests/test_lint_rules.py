"""
Every rule, on its own examples: it speaks at that place, and no other rule does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bundles import GOOD, break_bundle, write_bundle

from cab_tasks.lint.engine import LintRequest, lint_bundle
from cab_tasks.lint.registry import rules
from cab_tasks.lint.rule import Change

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.lint.rule import Example, Rule

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in rules()
    for number, example in enumerate(rule.examples, 1)
]


@pytest.mark.parametrize("of", sorted(GOOD))
def test_good_bundle_has_no_finding(of: str, tmp_path: Path) -> None:
    root = write_bundle(tmp_path, of)

    result = lint_bundle(root, LintRequest())

    assert result.findings == ()


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_rule_alone_finds_its_example(rule: Rule, example: Example, tmp_path: Path) -> None:
    root = write_bundle(tmp_path, example.of)
    break_bundle(root, example.changes, stale=example.stale)

    found = lint_bundle(root, LintRequest(latest=example.latest)).findings

    assert [(finding.code, finding.place) for finding in found] == [(rule.code, example.place)]


QUIET = {  # what real repositories have, and is no fault
    "single tests in product code": (
        "rust",
        (Change("workdir/src/more.rs", None, "#[test]\nfn more() {}\n"),),
    ),
    "a test module in a file of its own": (
        "rust",
        (Change("workdir/src/more.rs", None, "#[cfg(test)]\nmod others;\n"),),
    ),
    "a URL with a password in the name of a test": (
        "python",
        (Change("hidden/tests.json", "test_mean_of_two", "test_mean_of_two[http://a:b@c]"),),
    ),
}


@pytest.mark.parametrize(("of", "changes"), QUIET.values(), ids=QUIET)
def test_no_rule_minds_what_is_right(of: str, changes: tuple[Change, ...], tmp_path: Path) -> None:
    root = write_bundle(tmp_path, of)
    break_bundle(root, changes)

    assert lint_bundle(root, LintRequest()).findings == ()
