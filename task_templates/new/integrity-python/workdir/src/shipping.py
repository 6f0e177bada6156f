"""
Prices of shipping, as docs/PRICES.md has them.
"""


def shipping_cents(grams):
    """
    The price of a parcel in cents.
    """
    if grams <= 500:
        return 350
    if grams <= 2000:
        return 590
    return 990
