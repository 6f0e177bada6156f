"""
Ranking, pages, and what to order anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from stockroom.items import Item
from stockroom.names import family
from stockroom.settings import Settings

T = TypeVar("T")


def by_value(items: Iterable[Item]) -> list[Item]:
    """
    The most valuable first; equal ones by name.
    """
    return sorted(items, key=lambda item: (-item.value_cents, item.name))


def top(items: Iterable[Item], count: int = 3) -> list[str]:
    """
    Names of the most valuable articles.
    """
    return [item.name for item in by_value(items)[:count]]


def scarcest(items: Iterable[Item]) -> Item | None:
    """
    The article with the fewest free pieces; None if there is no article.
    """
    return min(items, key=lambda item: item.free, default=None)


def page(rows: Sequence[T], number: int, settings: Settings | None = None) -> list[T]:
    """
    The rows of a page, counted from 1; a page behind the last one is empty.

    Raises:
        ValueError: a page number below 1.
    """
    if number < 1:
        raise ValueError(f"no page {number}")
    size = (settings or Settings()).page_size
    start = (number - 1) * size
    return list(rows[start : start + size])


def page_count(rows: Sequence[object], size: int) -> int:
    """
    Pages that the rows need; no rows still need one.
    """
    return max(1, -(-len(rows) // size))


def to_order(items: Iterable[Item], settings: Settings | None = None) -> dict[str, int]:
    """
    Article number → pieces to order, so that twice the low mark is free again.

    Only articles with fewer free pieces than the low mark count, and none tagged `phase-out`.
    """
    mark = (settings or Settings()).low_mark
    wanted: dict[str, int] = {}
    for item in items:
        if item.free >= mark or item.has_tags("phase-out"):
            continue
        wanted[item.sku] = 2 * mark - item.free
    return wanted


def by_family(items: Iterable[Item]) -> dict[str, list[str]]:
    """
    Family → its article numbers, sorted; families sorted as well.
    """
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(family(item.sku), []).append(item.sku)
    return {name: sorted(groups[name]) for name in sorted(groups)}


def moving_average(sales: Sequence[int], days: int = 3) -> list[float]:
    """
    Mean of each run of `days` days; empty when there are fewer days than that.
    """
    if days < 1:
        raise ValueError("at least one day")
    runs = range(len(sales) - days + 1)
    return [sum(sales[start : start + days]) / days for start in runs]


def best_day(sales: Sequence[int]) -> int | None:
    """
    Index of the first day with the most sales; None without any sale.
    """
    best: int | None = None
    for day in range(len(sales)):
        if sales[day] > 0 and (best is None or sales[day] > sales[best]):
            best = day
    return best


def change(sales: Sequence[int]) -> int:
    """
    Sales of the last day less those of the first; 0 with fewer than two days.
    """
    if len(sales) < 2:
        return 0
    return sales[-1] - sales[0]
