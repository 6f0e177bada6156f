"""
Rule CAB004.
"""

from __future__ import annotations

from cab_tasks.lint.finding import Place, Severity
from cab_tasks.lint.rule import Change, DocumentRule, Example


class YamlAlias(DocumentRule):
    """
    `task.yaml` uses anchors or aliases.

    What it finds: `&name` and `*name`.
    Why it matters: a few lines of aliases can stand for gigabytes, and a reader of the page has
      to resolve them in the head.
    How to mend: write the value out; quote text that starts with `&` or `*`.
    """

    code = "CAB004"
    name = "yaml-alias"
    severity = Severity.ERROR
    kind = "alias"
    examples = (
        Example(
            "python",
            (Change("task.yaml", "license: MIT", "license: &here MIT"),),
            Place("task.yaml", 9, 10),
        ),
    )
