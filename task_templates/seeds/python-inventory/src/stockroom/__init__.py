"""
Stock, orders and supplier quotes of a small shop.
"""

from stockroom.errors import (
    BadRecordError,
    BadSettingError,
    OutOfStockError,
    StockError,
    SupplierDownError,
    UnknownItemError,
)
from stockroom.items import Item
from stockroom.orders import Order, fulfil, fulfil_partly
from stockroom.settings import Settings
from stockroom.stock import Stock

__all__ = [
    "BadRecordError",
    "BadSettingError",
    "Item",
    "Order",
    "OutOfStockError",
    "Settings",
    "Stock",
    "StockError",
    "SupplierDownError",
    "UnknownItemError",
    "fulfil",
    "fulfil_partly",
]
