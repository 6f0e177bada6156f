"""
Rule CAB101.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from cab_tasks import manifest as schema
from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from cab_tasks.document import Loc
    from cab_tasks.lint.snapshot import Snapshot

_RECORDS: dict[str, type[BaseModel]] = {
    "": schema.Manifest, "scorer": schema.Scorer, "tests": schema.Tests,
    "infile": schema.InfileModule, "expected_changes": schema.ExpectedChange,
    "limits": schema.RunLimits, "difficulty": schema.Difficulty, "lint": schema.LintSettings,
    "file-not-touched": schema.FileNotTouched, "no-new-dependency": schema.NoNewDependency,
    "no-comments-added": schema.NoCommentsAdded,
    "file-pattern-required-in-diff": schema.FilePatternRequiredInDiff,
}  # fmt: skip


class UnknownKey(Rule):
    """
    The manifest has a key that the format does not know.

    What it finds: keys that the schema does not name, at any level; with the key that was probably
      meant.
    Why it matters: a misspelt optional key is silently as good as absent: a limit that does not
      limit, a protection that does not protect.
    How to mend: correct the spelling, or delete the key. `cab-tasks schema` lists all.
    """

    code = "CAB101"
    name = "unknown-key"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("task.yaml", "license: MIT", "licence: MIT"),),
            Place("task.yaml", 9, 1),
        ),
        Example(
            "python",
            (Change("task.yaml", "  protected:", "  protect:"),),
            Place("task.yaml", 30, 3),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for problem in bundle.schema_problems:
            if problem.kind == "extra_forbidden":
                key = str(problem.loc[-1])
                message = f"unknown key {key!r}{_hint(problem.loc)}"
                yield self.found(message, bundle.schema_key(problem.loc))


def _hint(loc: Loc) -> str:
    named = [part for part in loc[:-1] if isinstance(part, str) and part in _RECORDS]
    fields = _RECORDS[named[-1] if named else ""].model_fields
    known = [field.alias or name for name, field in fields.items()]
    close = get_close_matches(str(loc[-1])[:80], known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"
