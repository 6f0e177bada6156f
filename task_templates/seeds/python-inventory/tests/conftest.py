import pytest

from stockroom import Item, Stock


@pytest.fixture
def stock():
    """
    Three articles: 12 teas of which 2 are reserved, 4 cups, 30 filters.
    """
    return Stock(
        [
            Item("TEA-01", "Green tea", 12, reserved=2, price_cents=450, tags=["tea", "organic"]),
            Item("CUP-07", "Cup", 4, price_cents=899),
            Item("FIL-20", "Filters", 30, price_cents=120, tags=["tea"]),
        ]
    )
