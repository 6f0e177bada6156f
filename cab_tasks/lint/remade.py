"""
Files of a bundle as they ought to be, for repairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.bundle import dump_json
from cab_tasks.lint.snapshot import LISTS, is_names

if TYPE_CHECKING:
    from cab_tasks.lint.snapshot import Snapshot

REWRITTEN = "wrote the digests anew; validate the bundle"


def sorted_lists(bundle: Snapshot) -> bytes | None:
    """
    `tests.json` with each list sorted and without repetition; None where it is not plain lists.
    """
    plain = bundle.tests_json.plain
    if not isinstance(plain, dict) or not set(plain) <= set(LISTS):
        return None
    if not all(is_names(names) for names in plain.values()):
        return None
    return dump_json({key: sorted(set(names)) for key, names in plain.items()})


def is_hashed(bundle: Snapshot) -> bool:
    """
    Whether every file could be read; else no digests can be written.
    """
    return not any(entry.problem for entry in bundle.entries.values())
