import pytest

from stockroom import StockError
from stockroom.pricing import (
    clamp,
    discount_percent,
    line_cents,
    money,
    order_cents,
    shared,
)


@pytest.mark.parametrize(
    ("pieces", "percent"),
    [(0, 0), (1, 0), (9, 0), (10, 5), (24, 5), (25, 10), (99, 10), (100, 20), (5000, 20)],
)
def test_discount_grows_by_tiers(pieces, percent):
    assert discount_percent(pieces) == percent


def test_line_without_discount():
    assert line_cents(450, 9) == 4050


def test_line_with_discount():
    assert line_cents(450, 10) == 4275
    assert line_cents(100, 100) == 8000


def test_half_a_cent_is_rounded_up():
    assert line_cents(1, 10) == 10
    assert line_cents(3, 10) == 29
    assert line_cents(33, 11) == 345


def test_order_below_fifty_pays_shipping(stock):
    assert order_cents(stock, {"TEA-01": 2, "CUP-07": 1}) == 900 + 899 + 490
    assert order_cents(stock, {"TEA-01": 2}, shipping=100) == 1000


def test_order_of_fifty_and_more_pays_none(stock):
    stock.item("TEA-01").price_cents = 2500

    assert order_cents(stock, {"TEA-01": 2}) == 5000
    assert order_cents(stock, {"TEA-01": 3}) == 7500


def test_order_one_cent_below_fifty_pays_shipping(stock):
    stock.item("TEA-01").price_cents = 4999

    assert order_cents(stock, {"TEA-01": 1}) == 5489


def test_unknown_article_has_no_price(stock):
    with pytest.raises(StockError) as error:
        order_cents(stock, {"POT-1": 1})

    assert type(error.value) is StockError
    assert str(error.value) == "POT-1: no price"


def test_article_without_price_is_refused(stock):
    stock.item("CUP-07").price_cents = 0

    with pytest.raises(StockError, match="^CUP-07: no price$"):
        order_cents(stock, {"CUP-07": 1})


@pytest.mark.parametrize(("value", "result"), [(-5, 2), (2, 2), (3, 3), (7, 7), (8, 7)])
def test_clamp_stays_between_both_ends(value, result):
    assert clamp(value, 2, 7) == result


def test_shared_parts_add_up():
    assert shared(100, 3) == [34, 33, 33]
    assert shared(101, 3) == [34, 34, 33]
    assert shared(99, 3) == [33, 33, 33]
    assert shared(5, 1) == [5]
    assert shared(2, 4) == [1, 1, 0, 0]


def test_nothing_is_shared_among_nobody():
    with pytest.raises(ValueError, match="no parts to share among"):
        shared(100, 0)


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (1205, "12.05 EUR"),
        (-1205, "-12.05 EUR"),
        (0, "0.00 EUR"),
        (7, "0.07 EUR"),
        (-7, "-0.07 EUR"),
    ],
)
def test_money_for_people(cents, text):
    assert money(cents) == text


def test_money_of_another_currency():
    assert money(1000, "CHF") == "10.00 CHF"
