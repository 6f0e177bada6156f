"""
Discounts, totals, and amounts split into parts. All amounts are whole cents.
"""

from __future__ import annotations

from collections.abc import Mapping

from stockroom.errors import StockError, UnknownItemError
from stockroom.stock import Stock

# (from this many pieces on, percent off), the largest first
TIERS = ((100, 20), (25, 10), (10, 5))


def discount_percent(pieces: int) -> int:
    """
    Percent off for so many pieces of one article.
    """
    for least, percent in TIERS:
        if pieces >= least:
            return percent
    return 0


def line_cents(price_cents: int, pieces: int) -> int:
    """
    What so many pieces cost, discount taken off; half a cent is rounded up.
    """
    percent = 100 - discount_percent(pieces)
    return (price_cents * pieces * percent + 50) // 100


def order_cents(stock: Stock, lines: Mapping[str, int], shipping: int = 490) -> int:
    """
    What an order costs: all lines, and shipping on orders below 50.00.

    Raises:
        StockError: an article is unknown, or has no price.
    """
    total = 0
    for sku, pieces in lines.items():
        try:
            item = stock.item(sku)
        except UnknownItemError as error:
            raise StockError(f"{sku}: no price") from error
        if not item.price_cents:
            raise StockError(f"{sku}: no price")
        total += line_cents(item.price_cents, pieces)
    if total < 5000:
        total += shipping
    return total


def clamp(value: int, low: int, high: int) -> int:
    """
    The value, but no lower than `low` and no higher than `high`.
    """
    return max(low, min(value, high))


def shared(cents: int, parts: int) -> list[int]:
    """
    An amount in equal parts; the cents that are left over go to the first ones.

    Raises:
        ValueError: there are no parts.
    """
    if parts < 1:
        raise ValueError("no parts to share among")
    each, rest = divmod(cents, parts)
    return [each + 1 if part < rest else each for part in range(parts)]


def money(cents: int, currency: str = "EUR") -> str:
    """
    An amount for people: `-12.05 EUR`.
    """
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole}.{rest:02d} {currency}"
