"""
Rule CAB303.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.remade import sorted_lists
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class TestTwice(Rule):
    """
    A test stands twice in one list.

    What it finds: equal ids in a list of `tests.json`.
    Why it matters: a runner names a test once: a list that has it twice was not made from a run.
    How to mend: delete one; if two tests share the id, rename one of them in the seed.
    """

    code = "CAB303"
    name = "test-twice"
    severity = Severity.WARNING
    examples = (
        Example(
            "rust",
            (
                Change(
                    "hidden/tests.json",
                    '"halves tests::half_of_zero"',
                    '"halves tests::half_of_zero",\n  "halves tests::half_of_zero"',
                ),
            ),
            Place("hidden/tests.json", 7, 3),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        if len(bundle.suite) == sum(map(len, bundle.lists.values())):
            return
        for key, names in bundle.lists.items():
            for test, times in Counter(names).items() if len(set(names)) < len(names) else ():
                if times > 1:
                    message = f"{key} has {test!r} {times} times"
                    yield self.found(message, bundle.test_place(test, 2))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        if any(len(set(names)) < len(names) for names in bundle.lists.values()):
            data = sorted_lists(bundle)
            if data is not None:
                yield self.fix("hidden/tests.json", data, "took tests out that stood there twice")
