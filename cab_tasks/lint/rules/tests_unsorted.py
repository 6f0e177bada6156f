"""
Rule CAB305.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.remade import sorted_lists
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot


class TestsUnsorted(Rule):
    """
    The lists of tests are not sorted.

    What it finds: ids of a list of `tests.json` out of order.
    Why it matters: the same task must have the same bytes, whoever writes it; and people compare
      the lists.
    How to mend: sort the ids by code point.
    """

    code = "CAB305"
    name = "tests-unsorted"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (
                Change("hidden/tests.json", "test_mean_of_one", "test_mean_of_x"),
                Change("hidden/tests.json", "test_mean_of_two", "test_mean_of_one"),
                Change("hidden/tests.json", "test_mean_of_x", "test_mean_of_two"),
            ),
            Place("hidden/tests.json", 8, 3),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for names in bundle.lists.values():
            for one, other in pairwise(names) if names != sorted(names) else ():
                if one > other:
                    yield self.found(f"{other!r} comes after {one!r}", bundle.test_place(other))
                    break

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        if any(names != sorted(names) for names in bundle.lists.values()):
            data = sorted_lists(bundle)
            if data is not None:
                yield self.fix("hidden/tests.json", data, "sorted its lists")
