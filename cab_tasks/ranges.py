"""
Sets of numbers written as ranges: tests that reach a line are mostly neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def to_ranges(numbers: Iterable[int]) -> list[list[int]]:
    """
    `[first, last]` of each run of neighbours, in ascending order.
    """
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def from_ranges(ranges: Iterable[Iterable[int]]) -> list[int]:
    """
    The numbers of `to_ranges`, in ascending order.
    """
    return [number for first, last in ranges for number in range(first, last + 1)]
