"""
Files of a bundle as they ought to be, for repairs.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from cab_tasks.bundle import DIGESTS, dump_json
from cab_tasks.lint.snapshot import LISTS, is_names

if TYPE_CHECKING:
    from cab_tasks.lint.snapshot import Snapshot

REWRITTEN = "wrote the digests anew; validate the bundle"
_LINE = re.compile(r"([0-9a-f]{64})  (100644|100755|120000)  (.+)")


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


def digests_of(bundle: Snapshot) -> bytes:
    """
    `digests.txt` of the files as they are.
    """
    lines = [e.digest_line() + "\n" for path, e in bundle.entries.items() if path != DIGESTS]
    return os.fsencode("".join(lines))


def parts_of(line: str) -> tuple[str, str, str]:
    """
    Digest, mode and path of a line of `digests.txt`; empty where it has another form.
    """
    found = _LINE.fullmatch(line)
    return (found[1], found[2], found[3]) if found else ("", "", "")
