"""
One article.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stockroom.names import normal_sku


@dataclass
class Item:
    """
    An article: `quantity` pieces lie there, `reserved` of them are promised to somebody.
    """

    sku: str
    name: str
    quantity: int = 0
    reserved: int = 0
    price_cents: int = 0
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sku = normal_sku(self.sku)
        self.tags = list(self.tags)

    @property
    def free(self) -> int:
        """
        Pieces that nobody has been promised.
        """
        return self.quantity - self.reserved

    @property
    def value_cents(self) -> int:
        """
        What all pieces are worth, the reserved ones too.
        """
        return self.quantity * self.price_cents

    def has_tags(self, *tags: str) -> bool:
        """
        Whether the article has all these tags.
        """
        return all(tag.lower() in self.tags for tag in tags)
