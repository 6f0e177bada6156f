"""
Stock lists as text: one article a line, `sku; name; quantity; price; tags`.
"""

from __future__ import annotations

from collections.abc import Iterable

from stockroom.errors import BadRecordError
from stockroom.items import Item
from stockroom.names import tags_of


def read_price(text: str) -> int:
    """
    Cents of a price such as `4.50`, `4,5` or `4`.

    Raises:
        ValueError: not a price.
    """
    whole, _, rest = text.strip().replace(",", ".").partition(".")
    if len(rest) > 2:
        raise ValueError(f"{text!r} has parts of a cent")
    return int(whole) * 100 + int(rest.ljust(2, "0"))


def read_line(text: str, line: int = 1) -> Item:
    """
    The article of one line; price and tags may be left out.

    Raises:
        BadRecordError: too few fields, or one that cannot be read.
    """
    fields = [part.strip() for part in text.split(";")]
    if len(fields) < 3:
        raise BadRecordError(line, f"{len(fields)} fields, at least 3 needed")
    try:
        quantity = int(fields[2])
        price = read_price(fields[3]) if len(fields) > 3 else 0
        tags = tags_of(fields[4]) if len(fields) > 4 else []
        item = Item(fields[0], fields[1], quantity, price_cents=price, tags=tags)
    except ValueError as error:
        raise BadRecordError(line, str(error)) from error
    if item.quantity < 0:
        raise BadRecordError(line, "negative quantity")
    return item


def read(text: str, strict: bool = True) -> tuple[list[Item], list[BadRecordError]]:
    """
    Articles of a list, and the lines that could not be read.

    Empty lines and those that begin with `#` are skipped. The last of several lines with one
    number counts.

    Raises:
        BadRecordError: the first line that cannot be read, if `strict`.
    """
    items: dict[str, Item] = {}
    bad: list[BadRecordError] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            item = read_line(line, number)
        except BadRecordError as error:
            if strict:
                raise
            bad.append(error)
            continue
        items[item.sku] = item
    return list(items.values()), bad


def write(items: Iterable[Item]) -> str:
    """
    The list as `read` takes it, by article number, with a line end at the end.
    """
    lines = [_line(item) for item in sorted(items, key=lambda item: item.sku)]
    return "\n".join(lines) + "\n" if lines else ""


def _line(item: Item) -> str:
    price = f"{item.price_cents // 100}.{item.price_cents % 100:02d}"
    fields = [item.sku, item.name, str(item.quantity), price]
    if item.tags:
        fields.append(", ".join(item.tags))
    return "; ".join(fields)
