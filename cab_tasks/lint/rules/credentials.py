"""
Rule CAB805.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cab_tasks.lint.finding import Finding, Place, Severity
from cab_tasks.lint.looks import mark_of
from cab_tasks.lint.rule import Change, Example, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.lint.snapshot import Snapshot

# Each starts with fixed text, which the pattern engine finds ten times as fast.
_IN_URL = re.compile(rb"://[^/\s:@\"']{1,80}:[^/\s@\"']{1,80}@")
_SECRETS = tuple(
    re.compile(pattern)
    for pattern in (
        rb"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
        rb"gh[pousr]_[A-Za-z0-9]{36}\b",
        rb"AKIA[0-9A-Z]{16}\b",
        rb"sk-[A-Za-z0-9_-]{32,}",
    )
)


class Credentials(Rule):
    """
    A credential is in a file of the bundle.

    What it finds: a user and password in the URL of `source`, private keys and well-known forms
      of tokens in `task.yaml`, `prompt.md`, `environment/` and `hidden/*.json` (there no URLs:
      they are names of tests).
    Why it matters: CodingAgentBench published an API key in a trace; what is published once is
      taken.
    How to mend: take it out, and revoke it.
    """

    code = "CAB805"
    name = "credentials"
    severity = Severity.ERROR
    examples = (
        Example(
            "python",
            (Change("task.yaml", "https://example.org/", "https://jane:s3cret@example.org/"),),
            Place("task.yaml", 8, 14),
        ),
    )

    def check(self, bundle: Snapshot) -> Iterator[Finding]:
        whole = b"\0".join(bundle.told.values())
        present = [secret for secret in (_IN_URL, *_SECRETS) if secret.search(whole)]
        for path, data in bundle.told.items() if present else ():
            for secret in present:
                if secret is _IN_URL and path.startswith("hidden/"):
                    continue  # names of tests and values in them: text of the seed
                if found := secret.search(data):
                    line, column = mark_of(data, found.start())
                    yield self.found("a password, key or token", Place(path, line, column))
                    break
