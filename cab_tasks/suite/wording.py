"""
Texts of a run without what changes from run to run or from machine to machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cab_tasks.sandbox import TREE

MESSAGE_MAX = 2000
VALUE_MAX = 120

_VARYING = (
    (re.compile(r"0x[0-9a-fA-F]{4,}"), "0x…"),
    (re.compile(r"/tmp/pytest-of-[^/\s]+/pytest-\d+"), "/tmp"),
    (re.compile(r"/(var/)?tmp/tmp[a-z0-9_]{8}\b"), "/tmp/…"),
    (re.compile(r"\b(started|started daemon|stopped|stopped daemon) \d{6,}"), r"\1 …"),
    (re.compile(r"\b(ident|pid|thread)([= ])\d{2,}\b"), r"\1\2…"),
    (re.compile(r"(thread '[^']*') \(\d+\)"), r"\1"),
)  # fmt: skip
_UNSTABLE = re.compile(r"0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True, slots=True)
class Wording:
    """
    `root` is where the tree was, `prefixes` where interpreter and environment were.
    """

    root: str = TREE
    prefixes: tuple[str, ...] = ()

    def normal(self, text: str) -> str:
        text = printable(text)
        for place in (self.root, TREE):
            text = text.replace(f"{place}/", "").replace(place, ".")
        for prefix in sorted(self.prefixes, key=len, reverse=True):
            place = rf"{re.escape(prefix)}(/lib\d*/python[\d.]+(/site-packages)?)?/"
            text = re.sub(place, "", text) if len(prefix) > 1 else text
        for pattern, constant in _VARYING:
            text = pattern.sub(constant, text)
        return text

    def message(self, text: str) -> str:
        return capped(self.normal(text), MESSAGE_MAX)

    def value(self, text: str) -> str:
        return capped(self.normal(text), VALUE_MAX)


def printable(text: str) -> str:
    """
    With lone surrogates written out: no file can hold them.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def capped(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"


def is_unstable(test: str) -> bool:
    """
    Whether a test's id holds a memory address, and so is another one in the next run.
    """
    return bool(_UNSTABLE.search(test))
