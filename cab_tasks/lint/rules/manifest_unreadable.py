"""
Rule CAB001.
"""

from __future__ import annotations

from cab_tasks.lint.finding import Place, Severity
from cab_tasks.lint.rule import Change, DocumentRule, Example


class ManifestUnreadable(DocumentRule):
    """
    `task.yaml` cannot be read as text.

    What it finds: a manifest that is no plain file, is larger than 1 MiB, is not UTF-8, or holds
      control characters such as NUL.
    Why it matters: nothing else can be said of the task; readers differ in what they make of such
      bytes.
    How to mend: write the manifest as UTF-8 text; a character that is meant goes into a quoted
      escape.
    """

    code = "CAB001"
    name = "manifest-unreadable"
    severity = Severity.ERROR
    kind = "unreadable"
    examples = (
        Example(
            "python",
            (Change("task.yaml", 'title: "sums', b'title: "s\xffms'),),
            Place("task.yaml", 3, 10),
        ),
    )
