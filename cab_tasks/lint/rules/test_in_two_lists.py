"""
Rule CAB304.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule
from cab_tasks.lint.snapshot import LISTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class TestInTwoLists(Rule):
    """
    A test stands in two lists.

    What it finds: an id in more than one list of `tests.json`.
    Why it matters: a test cannot both fail and pass before the fix; no run can give what is
      expected.
    How to mend: keep it where a run of the broken repository puts it.
    """

    code = "CAB304"
    name = "test-in-two-lists"
    severity = Severity.ERROR
    examples = (
        Example(
            "rust",
            (
                Change(
                    "hidden/tests.json",
                    '  "halves tests::half_of_zero"',
                    '  "halves tests::half_of_zero",\n  "halves tests::halves_of_even_numbers"',
                ),
            ),
            Place("hidden/tests.json", 7, 3),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        if sum(map(len, bundle.lists.values())) == len(bundle.suite):
            return
        where: dict[str, str] = {}
        for key in LISTS:
            for test in dict.fromkeys(bundle.lists.get(key, ())):
                first = where.setdefault(test, key)
                if first != key:
                    message = f"{test!r} is in {first} and in {key}"
                    yield self.found(message, bundle.test_place(test, 2))
