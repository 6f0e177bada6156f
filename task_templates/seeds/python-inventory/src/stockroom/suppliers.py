"""
Quotes from suppliers that may fail, asked one by one or at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from stockroom.errors import SupplierDownError

T = TypeVar("T")
AsyncSupplier = Callable[[str], Awaitable[int]]


@dataclass(frozen=True)
class Quote:
    """
    What a supplier asks for one piece.
    """

    supplier: str
    sku: str
    cents: int


def with_retries(call: Callable[[], T], attempts: int = 3) -> T:
    """
    The result of the first call that works out of at most `attempts`.

    Connection errors and time-outs are tried again; every other error comes through at once.

    Raises:
        SupplierDownError: no attempt worked; the last error is its cause.
    """
    tried = 0
    last: Exception | None = None
    while tried < attempts:
        tried += 1
        try:
            return call()
        except (ConnectionError, TimeoutError) as error:
            last = error
    raise SupplierDownError(f"no answer after {tried} attempts") from last


def waits(attempts: int, first: float = 0.5, factor: float = 2.0, most: float = 5.0) -> list[float]:
    """
    Seconds to wait between attempts: growing by the factor, never more than `most`.
    """
    return [min(first * factor**gap, most) for gap in range(attempts - 1)]


def first_quote(suppliers: Mapping[str, Callable[[str], int]], sku: str) -> Quote:
    """
    The quote of the first supplier, in the mapping's order, who has the article.

    One that is down, or does not know the article, is passed over.

    Raises:
        SupplierDownError: nobody has it; the message names all who were asked.
    """
    asked: list[str] = []
    for name, ask in suppliers.items():
        asked.append(name)
        try:
            cents = ask(sku)
        except (KeyError, SupplierDownError):
            continue
        return Quote(name, sku, cents)
    raise SupplierDownError(f"{sku}: nobody has it, asked {', '.join(asked)}")


async def quotes(suppliers: Mapping[str, AsyncSupplier], sku: str) -> list[Quote]:
    """
    Quotes of all suppliers, asked at the same time, cheapest first.

    One that is down, or cannot be reached, is left out; other errors come through.
    """
    asked = (_ask(name, ask, sku) for name, ask in suppliers.items())
    found = [quote for quote in await asyncio.gather(*asked) if quote is not None]
    return sorted(found, key=lambda quote: (quote.cents, quote.supplier))


async def _ask(name: str, ask: AsyncSupplier, sku: str) -> Quote | None:
    """
    The quote of one supplier; None where it is down or cannot be reached.
    """
    try:
        cents = await ask(sku)
    except (SupplierDownError, ConnectionError):
        return None
    return Quote(name, sku, cents)


async def cheapest(suppliers: Mapping[str, AsyncSupplier], sku: str) -> Quote:
    """
    Raises:
        SupplierDownError: nobody answers.
    """
    found = await quotes(suppliers, sku)
    if not found:
        raise SupplierDownError(f"{sku}: nobody answers")
    return found[0]


class Basket:
    """
    Collects cheapest quotes, no more than `limit` questions at a time.
    """

    def __init__(self, suppliers: Mapping[str, AsyncSupplier], limit: int = 4) -> None:
        self._suppliers = dict(suppliers)
        self._gate = asyncio.Semaphore(limit)
        self.failed: list[str] = []

    async def fill(self, skus: Sequence[str]) -> dict[str, Quote]:
        """
        Article number → cheapest quote; numbers that nobody has go to `failed`, sorted.
        """
        found = await asyncio.gather(*(self._one(sku) for sku in skus))
        self.failed.sort()
        return {quote.sku: quote for quote in found if quote is not None}

    async def _one(self, sku: str) -> Quote | None:
        async with self._gate:
            try:
                return await cheapest(self._suppliers, sku)
            except SupplierDownError:
                self.failed.append(sku)
                return None
