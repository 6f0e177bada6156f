"""
Everything that can go wrong, under one roof.
"""


class StockError(Exception):
    """
    Base of all errors of this package.
    """


class UnknownItemError(StockError):
    """
    No article has this number.
    """


class OutOfStockError(StockError):
    """
    Fewer pieces are free than are wanted.
    """

    def __init__(self, sku: str, wanted: int, free: int) -> None:
        super().__init__(f"{sku}: wanted {wanted}, only {free} free")
        self.sku = sku
        self.wanted = wanted
        self.free = free

    @property
    def missing(self) -> int:
        return self.wanted - self.free


class BadRecordError(StockError):
    """
    A line of a stock list cannot be read; `line` counts from 1.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class BadSettingError(StockError):
    """
    A setting has a value that makes no sense.
    """


class SupplierDownError(StockError):
    """
    A supplier gives no answer.
    """
