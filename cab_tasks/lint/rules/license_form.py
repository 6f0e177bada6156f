"""
Rule CAB705.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest

LONGEST = 500  # the longest expression of a crate on a registry has 140 characters


class LicenseForm(TaskRule):
    """
    The licence is no SPDX expression.

    What it finds: a `license` that is not made of SPDX ids or `LicenseRef-…`, joined by `AND`,
      `OR` and `WITH`.
    Why it matters: tools that sort tasks by licence know these ids only.
    How to mend: take the id from the list at spdx.org/licenses.
    """

    code = "CAB705"
    name = "license-form"
    severity = Severity.WARNING
    examples = (
        Example(
            "python",
            (Change("task.yaml", "license: MIT", "license: the MIT one"),),
            Place("task.yaml", 9, 10),
        ),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        text = manifest.license.strip()
        if text not in ("", "NOASSERTION", "NONE") and not _is_expression(text):
            yield self.found(f"{text!r} is no SPDX expression", bundle.value("license"))


@lru_cache(maxsize=64)
def _is_expression(text: str) -> bool:
    if len(text) > LONGEST:
        return False
    try:
        canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return False
    return True
