import pytest

from stockroom import (
    Order,
    OutOfStockError,
    Settings,
    UnknownItemError,
    fulfil,
    fulfil_partly,
)
from stockroom.orders import deliver


def test_order_counts_its_pieces():
    assert Order({"TEA-01": 2, "CUP-07": 3}).pieces() == 5


def test_order_defaults():
    order = Order({})

    assert (order.urgency, order.number, order.notes) == (5, 0, [])


def test_order_with_a_line_is_a_new_order():
    order = Order({"TEA-01": 2}, urgency=1, number=8, notes=["gift"])

    more = order.with_line("TEA-01", 3)
    more.notes.append("blue")

    assert more == Order({"TEA-01": 5}, 1, 8, ["gift", "blue"])
    assert more.with_line("CUP-07", 1).lines == {"TEA-01": 5, "CUP-07": 1}
    assert order == Order({"TEA-01": 2}, 1, 8, ["gift"])


def test_fulfil_takes_all_lines(stock):
    assert fulfil(stock, Order({"TEA-01": 2, "CUP-07": 4})) == {"TEA-01": 2, "CUP-07": 4}
    assert stock.item("TEA-01").quantity == 10
    assert stock.item("CUP-07").quantity == 0


def test_fulfil_takes_nothing_when_a_line_is_out_of_stock(stock):
    with pytest.raises(OutOfStockError) as error:
        fulfil(stock, Order({"TEA-01": 2, "CUP-07": 5}))

    assert error.value.sku == "CUP-07"
    assert stock.item("TEA-01").quantity == 12
    assert stock.item("CUP-07").quantity == 4


def test_fulfil_takes_nothing_when_an_article_is_unknown(stock):
    with pytest.raises(UnknownItemError):
        fulfil(stock, Order({"TEA-01": 2, "POT-1": 1}))

    assert stock.item("TEA-01").quantity == 12


def test_fulfil_partly_takes_what_is_there(stock):
    order = Order({"CUP-07": 6, "TEA-01": 10, "POT-1": 2})

    assert fulfil_partly(stock, order) == (
        {"CUP-07": 4, "TEA-01": 10},
        {"CUP-07": 2, "POT-1": 2},
    )
    assert order.notes == ["unknown: POT-1"]


def test_fulfil_partly_goes_on_behind_an_unknown_article(stock):
    order = Order({"POT-1": 1, "CUP-07": 1})

    assert fulfil_partly(stock, order) == ({"CUP-07": 1}, {"POT-1": 1})


def test_fulfil_partly_with_nothing_left(stock):
    stock.take("CUP-07", 4)

    assert fulfil_partly(stock, Order({"CUP-07": 3})) == ({}, {"CUP-07": 3})


def test_deliver_serves_urgent_orders_first(stock):
    orders = [
        Order({"CUP-07": 3}, urgency=5, number=1),
        Order({"CUP-07": 3}, urgency=1, number=2),
    ]

    assert deliver(stock, orders) == {
        1: "failed: CUP-07: wanted 3, only 1 free",
        2: "whole",
    }
    assert [order.number for order in orders] == [1, 2]


def test_deliver_serves_older_orders_first(stock):
    orders = [Order({"CUP-07": 3}, number=9), Order({"CUP-07": 3}, number=4)]

    assert list(deliver(stock, orders).items()) == [
        (4, "whole"),
        (9, "failed: CUP-07: wanted 3, only 1 free"),
    ]


def test_deliver_goes_on_after_a_failed_order(stock):
    orders = [Order({"POT-1": 1}, number=1), Order({"CUP-07": 1}, number=2)]

    assert deliver(stock, orders) == {1: "failed: POT-1", 2: "whole"}


def test_deliver_may_be_allowed_to_deliver_partly(stock):
    settings = Settings(allow_partial=True)
    orders = [
        Order({"CUP-07": 9}, number=1),
        Order({"CUP-07": 1}, number=2),
        Order({"TEA-01": 1}, number=3),
    ]

    assert deliver(stock, orders, settings) == {
        1: "partly",
        2: "failed: nothing there",
        3: "whole",
    }
    assert stock.item("CUP-07").quantity == 0
