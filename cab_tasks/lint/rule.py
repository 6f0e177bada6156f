"""
The contract of a rule: `Rule`, `TaskRule` for those that need a valid manifest, and examples.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cab_tasks.lint.finding import Finding, Fix, Place, Severity, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot
    from cab_tasks.manifest import Manifest

MESSAGE_MAX = 300  # longer ones quote something; three lines of a terminal say enough
_HEADINGS = ("What it finds", "Why it matters", "How to mend")


@dataclass(frozen=True, slots=True)
class Change:
    """
    One way to break a good bundle.

    `old` to `new` replaces text that stands there once; without `old` the file becomes `new`;
    `new` None takes it away; `mode` is git's (`120000`: `new` is the target of a link).
    """

    path: str
    old: str | bytes | None = None
    new: str | bytes | None = None
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """
    A good bundle (`python`, `rust`, `refusal`), broken so that just this rule speaks, at `place`.

    `stale` leaves the digests as they were; else they are made right again. `latest` is the last
    date that a task may carry.
    """

    of: str
    changes: tuple[Change, ...]
    place: Place
    stale: bool = False
    latest: str = ""


class Rule(ABC):
    """
    One thing that can be wrong with a bundle. Stateless: sees a snapshot, yields findings.

    Its docstring is its page: a summary line, then `What it finds:`, `Why it matters:`,
    `How to mend:`. Its examples are its tests.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    examples: ClassVar[tuple[Example, ...]]

    @abstractmethod
    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        """
        Every place where this is wrong.
        """

    def mend(self, bundle: Snapshot) -> Iterator[Fix]:
        """
        New contents of files after which the findings are gone; only where that is safe.
        """
        return iter(())

    @property
    def fixable(self) -> bool:
        return type(self).mend is not Rule.mend

    @property
    def summary(self) -> str:
        return self.sections()["summary"]

    @classmethod
    def sections(cls) -> dict[str, str]:
        """
        The docstring by heading, `summary` first.
        """
        text = inspect.cleandoc(cls.__doc__ or "")
        parts = re.split(rf"(?m)^({'|'.join(_HEADINGS)}):\s*", text)
        bodies = zip(parts[1::2], parts[2::2], strict=True)
        return {"summary": " ".join(parts[0].split())} | {
            heading: " ".join(body.split()) for heading, body in bodies
        }

    def page(self) -> str:
        """
        The rule's page, as Markdown.
        """
        sections = self.sections()
        fix = ", mended by `--fix`" if self.fixable else ""
        head = f"# {self.code} {self.name}\n\nSeverity: {self.severity}{fix}.\n\n"
        body = "".join(
            f"\n\n## {heading}\n\n{_sentence(sections[heading])}" for heading in _HEADINGS
        )
        return f"{head}{sections['summary']}{body}\n"

    def found(self, message: str, place: Place) -> Finding:
        message = printable(message)
        if len(message) > MESSAGE_MAX:
            message = message[: MESSAGE_MAX - 1] + "…"
        return Finding(place, self.code, message, self.severity, self.fixable)

    def fix(self, path: str, data: bytes, says: str) -> Fix:
        return Fix(self.code, path, data, says)


class TaskRule(Rule):
    """
    A rule that has something to say only where the manifest is valid.
    """

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        manifest = bundle.manifest
        return iter(()) if manifest is None else self.check_task(bundle, manifest)

    @abstractmethod
    def check_task(self, bundle: Snapshot, manifest: Manifest) -> Iterator[Finding]:
        """
        Every place where this is wrong in a bundle whose manifest keeps to the schema.
        """


class DocumentRule(Rule):
    """
    A rule that tells one kind of problem of the manifest as YAML.
    """

    kind: ClassVar[str]

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        for problem in bundle.document.problems:
            if problem.kind == self.kind:
                yield self.found(problem.message, Place("task.yaml", problem.line, problem.column))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
