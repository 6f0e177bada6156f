"""
The order of tests, changed within what fixtures allow: files, then classes, then tests.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

T = TypeVar("T")


def shuffled(tests: Iterable[T], seed: int, *keys: Callable[[T], Hashable]) -> list[T]:
    """
    The tests in an order that depends on the seed alone; those of equal keys stay together.
    """
    dice = random.Random(seed)
    return _shuffled(list(tests), dice, keys)


def _shuffled(tests: list[T], dice: random.Random, keys: tuple[Any, ...]) -> list[T]:
    if not keys:
        dice.shuffle(tests)
        return tests
    groups: dict[Hashable, list[T]] = {}
    for test in tests:
        groups.setdefault(keys[0](test), []).append(test)
    parts = [_shuffled(group, dice, keys[1:]) for group in groups.values()]
    dice.shuffle(parts)
    return [test for part in parts for test in part]
