"""
Rule CAB003.
"""

from __future__ import annotations

from cab_tasks.lint.finding import Place, Severity
from cab_tasks.lint.rule import Change, DocumentRule, Example


class DuplicateKey(DocumentRule):
    """
    A key stands twice in one mapping.

    What it finds: a key of `task.yaml` that its mapping holds already.
    Why it matters: YAML readers take the last one, the first one, or refuse: two tools see two
      tasks.
    How to mend: delete the one that is not meant.
    """

    code = "CAB003"
    name = "duplicate-key"
    severity = Severity.ERROR
    kind = "duplicate"
    examples = (
        Example(
            "python",
            (Change("task.yaml", "license: MIT\n", "license: MIT\nlicense: MIT\n"),),
            Place("task.yaml", 10, 1),
        ),
    )
