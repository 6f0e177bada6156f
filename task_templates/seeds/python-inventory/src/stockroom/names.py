"""
Article numbers and names in one spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SKU = re.compile(r"[A-Z]+(-[A-Z0-9]+)+")


def normal_sku(text: str) -> str:
    """
    An article number in capitals with single hyphens: ` tea_01 ` becomes `TEA-01`.

    Raises:
        ValueError: no article number comes of it.
    """
    sku = re.sub(r"[\s_-]+", "-", text.strip()).upper()
    if not _SKU.fullmatch(sku):
        raise ValueError(f"not an article number: {text!r}")
    return sku


def family(sku: str) -> str:
    """
    The part of an article number before its first hyphen.
    """
    return sku.split("-")[0]


def serial(sku: str) -> str:
    """
    The part of an article number behind its last hyphen.
    """
    return sku.rsplit("-", 1)[-1]


def same_name(left: str, right: str) -> bool:
    """
    Whether two names differ only in case and in white space.
    """
    return " ".join(left.split()).casefold() == " ".join(right.split()).casefold()


def short_name(name: str, width: int = 12) -> str:
    """
    A name of at most `width` characters; a longer one ends in a dot.
    """
    name = name.strip()
    if len(name) <= width:
        return name
    return name[: width - 1].rstrip() + "."


def tags_of(text: str) -> list[str]:
    """
    Tags from a text such as `Tea, organic`: lower case, none twice, in their order.
    """
    tags: list[str] = []
    for part in text.split(","):
        tag = part.strip().lower()
        if not tag:
            continue
        if tag not in tags:
            tags.append(tag)
    return tags


def first_match(names: Iterable[str], start: str) -> str | None:
    """
    The first name that begins with `start`, whatever the case; None if there is none.
    """
    wanted = start.lower()
    for name in names:
        if name.lower().startswith(wanted):
            return name
    return None
