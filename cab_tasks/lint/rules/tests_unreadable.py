"""
Rule CAB301.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cab_tasks.bundle import TESTS
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule
from cab_tasks.lint.snapshot import LISTS, is_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class TestsUnreadable(Rule):
    """
    `hidden/tests.json` is missing or not lists of test ids.

    What it finds: a missing file, broken JSON, a key twice, unknown keys, values that are no
      lists of text, empty ids.
    Why it matters: the lists are what a verdict is made of.
    How to mend: write an object of `fail_to_pass`, `pass_to_pass`, `absent_to_pass`,
      `skip_to_pass`, each a list of ids as the runner prints them.
    """

    code = "CAB301"
    name = "tests-unreadable"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("hidden/tests.json", '"fail_to_pass"', '"fails"'),),
            Place("hidden/tests.json", 2, 2),
        ),
        Example(
            "rust",
            (Change("hidden/tests.json", None, '{"fail_to_pass": [}\n'),),
            Place("hidden/tests.json", 1, 19),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        tests = bundle.tests_json
        if bundle.lists:
            return
        if tests.problem:
            yield self.found(tests.problem, tests.place)
        elif not isinstance(tests.plain, dict):
            yield self.found("expected a JSON object", Place(TESTS))
        else:
            for key, names in tests.plain.items():
                if why := _fault(key, names):
                    yield self.found(why, bundle.find(TESTS, json.dumps(key, ensure_ascii=False)))


def _fault(key: str, names: object) -> str:
    if key not in LISTS:
        return f"unknown key {key!r}; known: {', '.join(LISTS)}"
    return "" if is_names(names) else f"{key}: expected a list of test ids"
