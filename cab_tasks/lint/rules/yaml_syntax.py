"""
Rule CAB002.
"""

from __future__ import annotations

from cab_tasks.lint.finding import Place, Severity
from cab_tasks.lint.rule import Change, DocumentRule, Example


class YamlSyntax(DocumentRule):
    """
    `task.yaml` is not one YAML document.

    What it finds: what the YAML parser refuses (a tab as indentation, an unclosed quote, a bad
      number or date), and a second document.
    Why it matters: a task that cannot be loaded cannot be run.
    How to mend: see the place; text with `:` or `#` in it belongs in quotes, indentation is by
      blanks.
    """

    code = "CAB002"
    name = "yaml-syntax"
    severity = Severity.ERROR
    kind = "syntax"
    examples = (
        Example(
            "python",
            (Change("task.yaml", "  kind: exec", "\tkind: exec"),),
            Place("task.yaml", 25, 1),
        ),
    )
