"""
Rule CAB407.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from cab_tasks.bundle import RULES
from cab_tasks.lint.finding import Finding, Fix, Place, Severity
from cab_tasks.lint.rule import Change, Example, TaskRule
from cab_tasks.prompt import render_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest


class RulesOutOfStep(TaskRule):
    """
    `AGENTS.md` is not what the constraints make of it.

    What it finds: an `AGENTS.md` that is missing, or differs from the page written from `title`
      and `constraints`.
    Why it matters: an agent is scored on rules that it was not told, or told rules that nobody
      scores.
    How to mend: change `constraints`, then run `cab-tasks lint --fix`; the page is never edited
      by hand.
    """

    code = "CAB407"
    name = "rules-out-of-step"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("AGENTS.md", "Add no dependency:", "Add no library:"),),
            Place("AGENTS.md", 10),
        ),
        Example("rust", (Change("AGENTS.md"),), Place("AGENTS.md")),
    )

    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        wanted = render_rules(manifest).splitlines()
        text = bundle.text(RULES)
        if text is None:
            yield self.found("missing, or not UTF-8 text", Place(RULES))
        elif (lines := text.removeprefix("\ufeff").splitlines()) != wanted:
            pairs = zip(lines, wanted, strict=False)
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            yield self.found("differs from the constraints in task.yaml", Place(RULES, same + 1))

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        if bundle.manifest is not None and any(self.check(bundle)):
            data = render_rules(bundle.manifest).encode()
            yield self.fix(RULES, data, "wrote it anew from the constraints")
