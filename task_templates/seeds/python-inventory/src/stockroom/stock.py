"""
All articles of a shop, and how pieces come and go.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator

from stockroom.errors import OutOfStockError, UnknownItemError
from stockroom.items import Item
from stockroom.names import normal_sku


class Stock:
    """
    Articles by number. Quantities change only through the methods below, which keep a log.
    """

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._items = {item.sku: item for item in items}
        self._log: list[tuple[str, str, int]] = []

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(sorted(self._items.values(), key=lambda item: item.sku))

    def __repr__(self) -> str:
        rows = (f"{item.sku}: {item.quantity}-{item.reserved}" for item in self)
        return f"<Stock {', '.join(rows)}>"

    def __contains__(self, sku: str) -> bool:
        try:
            return normal_sku(sku) in self._items
        except ValueError:
            return False

    @property
    def log(self) -> list[tuple[str, str, int]]:
        """
        What was done, oldest first: (deed, article number, pieces). The list is the caller's own.
        """
        return list(self._log)

    def item(self, sku: str) -> Item:
        """
        Raises:
            UnknownItemError: no article has this number, or it is no article number at all.
        """
        try:
            return self._items[normal_sku(sku)]
        except (KeyError, ValueError) as error:
            raise UnknownItemError(sku) from error

    def free(self, sku: str, default: int = 0) -> int:
        """
        Free pieces of an article; `default` where it is unknown.
        """
        try:
            return self.item(sku).free
        except UnknownItemError:
            return default

    def add(self, sku: str, pieces: int, name: str = "") -> Item:
        """
        Put pieces on the shelf. An unknown article is made, named like its number if need be.

        Raises:
            ValueError: fewer than one piece.
        """
        if pieces < 1:
            raise ValueError(f"{sku}: cannot add {pieces} pieces")
        key = normal_sku(sku)
        if key not in self._items:
            self._items[key] = Item(key, name or key)
        item = self._items[key]
        item.quantity += pieces
        self._log.append(("add", key, pieces))
        return item

    def take(self, sku: str, pieces: int) -> int:
        """
        Take free pieces off the shelf; gives how many are still free.

        Raises:
            OutOfStockError: fewer are free.
        """
        item = self.item(sku)
        if pieces > item.free:
            raise OutOfStockError(item.sku, pieces, item.free)
        item.quantity -= pieces
        self._log.append(("take", item.sku, pieces))
        return item.free

    def reserve(self, sku: str, pieces: int) -> int:
        """
        Promise up to `pieces` free pieces to somebody; gives how many it became.
        """
        item = self.item(sku)
        got = min(pieces, item.free)
        if got <= 0:
            return 0
        item.reserved += got
        self._log.append(("reserve", item.sku, got))
        return got

    def release(self, sku: str, pieces: int | None = None) -> int:
        """
        Take a promise back, all of it if no number is said; gives how many became free.
        """
        item = self.item(sku)
        if pieces is None:
            pieces = item.reserved
        freed = min(pieces, item.reserved)
        item.reserved -= freed
        return freed

    def move(self, source: str, target: str, pieces: int) -> None:
        """
        Book pieces from one article to another; nothing changes if that cannot be done.

        Raises:
            UnknownItemError: one of them is unknown.
            OutOfStockError: the source has fewer free pieces.
        """
        goal = self.item(target)
        self.take(source, pieces)
        self.add(goal.sku, pieces)

    def remove(self, sku: str) -> Item:
        """
        Drop an article, which must have no reserved pieces.

        Raises:
            ValueError: pieces of it are reserved.
        """
        item = self.item(sku)
        if item.reserved:
            raise ValueError(f"{item.sku}: {item.reserved} pieces are reserved")
        return self._items.pop(item.sku)

    def find(self, wanted: Callable[[Item], bool]) -> list[Item]:
        """
        Articles that `wanted` says yes to, by number.
        """
        return [item for item in self if wanted(item)]

    def snapshot(self) -> dict[str, Item]:
        """
        A deep copy of all articles: later changes of the stock don't show in it.
        """
        return copy.deepcopy(self._items)

    def restore(self, snapshot: dict[str, Item]) -> None:
        """
        Go back to a snapshot, which may be used again.
        """
        self._items = copy.deepcopy(snapshot)
        self._log.append(("restore", "*", len(snapshot)))
