"""
Rule CAB005.
"""

from __future__ import annotations

from cab_tasks.lint.finding import Place, Severity
from cab_tasks.lint.rule import Change, DocumentRule, Example


class ManifestShape(DocumentRule):
    """
    `task.yaml` is not keys and values of moderate size.

    What it finds: a manifest that is empty, a list or a scalar; keys that are not text; nesting
      deeper than 16 levels; more than 10,000 values.
    Why it matters: such a document is a mistake or an attack on whoever reads it.
    How to mend: write it as `key: value` lines, see `cab-tasks schema`; quote a key that YAML
      reads as a number, date or truth value.
    """

    code = "CAB005"
    name = "manifest-shape"
    severity = Severity.ERROR
    kind = "shape"
    examples = (
        Example(
            "python",
            (Change("task.yaml", "license: MIT", "license: MIT\n12: a dozen"),),
            Place("task.yaml", 10, 1),
        ),
    )
