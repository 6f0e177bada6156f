"""
Orders, delivered whole or as far as the stock reaches.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stockroom.errors import OutOfStockError, StockError, UnknownItemError
from stockroom.settings import Settings
from stockroom.stock import Stock


@dataclass
class Order:
    """
    Wanted pieces by article number, and how urgent it is: 0 is soonest.
    """

    lines: dict[str, int]
    urgency: int = 5
    number: int = 0
    notes: list[str] = field(default_factory=list)

    def pieces(self) -> int:
        return sum(self.lines.values())

    def with_line(self, sku: str, pieces: int) -> Order:
        """
        A new order with one line more; this one stays as it is.
        """
        lines = dict(self.lines)
        lines[sku] = lines.get(sku, 0) + pieces
        return Order(lines, self.urgency, self.number, list(self.notes))


def fulfil(stock: Stock, order: Order) -> dict[str, int]:
    """
    Take all lines of an order off the stock, or none of them; gives what was taken.

    Raises:
        OutOfStockError: one line cannot be delivered; the stock is as before.
        UnknownItemError: one article is unknown; the stock is as before.
    """
    before = stock.snapshot()
    taken: dict[str, int] = {}
    try:
        for sku, pieces in order.lines.items():
            stock.take(sku, pieces)
            taken[sku] = pieces
    except (OutOfStockError, UnknownItemError):
        stock.restore(before)
        raise
    return taken


def fulfil_partly(stock: Stock, order: Order) -> tuple[dict[str, int], dict[str, int]]:
    """
    Take what is there; gives what was taken and what is missing, by article number.

    An unknown article is missing whole, and a note on the order says so.
    """
    taken: dict[str, int] = {}
    missing: dict[str, int] = {}
    for sku, pieces in order.lines.items():
        if sku not in stock:
            order.notes.append(f"unknown: {sku}")
        got = min(pieces, stock.free(sku))
        if got > 0:
            stock.take(sku, got)
            taken[sku] = got
        if got < pieces:
            missing[sku] = pieces - got
    return taken, missing


def deliver(stock: Stock, orders: list[Order], settings: Settings | None = None) -> dict[int, str]:
    """
    Deliver orders, the most urgent first and older numbers before newer ones.

    Gives order number → `whole`, `partly` or `failed: <reason>`. Without `allow_partial`, an
    order that cannot be delivered whole fails.
    """
    settings = settings or Settings()
    outcome: dict[int, str] = {}
    for order in sorted(orders, key=lambda order: (order.urgency, order.number)):
        try:
            fulfil(stock, order)
            outcome[order.number] = "whole"
        except StockError as error:
            if not settings.allow_partial:
                outcome[order.number] = f"failed: {error}"
                continue
            taken, _ = fulfil_partly(stock, order)
            outcome[order.number] = "partly" if taken else "failed: nothing there"
    return outcome
