"""
Which lines of a file an attempt changed, at a price that the attempt cannot choose.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

# Cells of the table that difflib fills: for one file about 0.1 s, for all files of an attempt 3 s.
MAX_CELLS = 1_000_000
MAX_CELLS_OF_ALL = 20_000_000
MAX_BYTES = 4 << 20  # of one file; larger ones are no source, and their lines are only counted


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Lines that changed, from 1: [old_first, old_end) of before became [new_first, new_end).
    """

    old_first: int
    old_end: int
    new_first: int
    new_end: int

    @property
    def size(self) -> int:
        return max(self.old_end - self.old_first, self.new_end - self.new_first)

    def outside(self, spans: tuple[tuple[int, int], ...]) -> int:
        """
        How many of its lines are not in the spans (first and last line, of before).

        Lines that are put in are where they stand before; right after a span is still at it.
        """
        if self.old_first == self.old_end:
            at = self.old_first
            return 0 if any(low <= at <= high + 1 for low, high in spans) else self.size
        old = range(self.old_first, self.old_end)
        missed = sum(not any(low <= line <= high for low, high in spans) for line in old)
        return self.size if missed == len(old) else missed


def stretches(before: bytes, after: bytes, cells: int = MAX_CELLS) -> tuple[Stretch, ...]:
    """
    The runs of lines that differ, in order. Where that would take long: one run for all of them.
    """
    if max(len(before), len(after)) > MAX_BYTES:
        return (_stretch(0, 0, before.count(b"\n"), 0, after.count(b"\n")),)
    old, new = before.split(b"\n"), after.split(b"\n")
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if not old and not new:
        return ()
    if len(old) * len(new) > cells or not old or not new:
        return (_stretch(head, 0, len(old), 0, len(new)),)
    pairs = difflib.SequenceMatcher(None, old, new).get_opcodes()
    return tuple(_stretch(head, *places) for kind, *places in pairs if kind != "equal")


def _stretch(head: int, old_first: int, old_end: int, new_first: int, new_end: int) -> Stretch:
    at = head + 1
    return Stretch(at + old_first, at + old_end, at + new_first, at + new_end)


def _shared(one: list[bytes], other: list[bytes]) -> int:
    """
    How many lines both begin with.
    """
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
