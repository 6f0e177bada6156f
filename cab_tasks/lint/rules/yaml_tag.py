"""
Rule CAB006.
"""

from __future__ import annotations

from cab_tasks.lint.finding import Place, Severity
from cab_tasks.lint.rule import Change, DocumentRule, Example


class YamlTag(DocumentRule):
    """
    `task.yaml` holds more than plain data.

    What it finds: tags such as `!!python/object`, `!!binary`, `!!set`, and merge keys (`<<`).
    Why it matters: tags make a reader build objects: with an unsafe loader, any code.
    How to mend: leave the tag out and write plain text, numbers, lists and mappings.
    """

    code = "CAB006"
    name = "yaml-tag"
    severity = Severity.ERROR
    kind = "tag"
    examples = (
        Example(
            "python",
            (Change("task.yaml", "license: MIT", "license: !!binary TUlU"),),
            Place("task.yaml", 9, 10),
        ),
    )
