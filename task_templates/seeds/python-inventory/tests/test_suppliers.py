import asyncio

import pytest

from stockroom import SupplierDownError
from stockroom.suppliers import (
    Basket,
    Quote,
    cheapest,
    first_quote,
    quotes,
    waits,
    with_retries,
)


class Failing:
    """
    A call that raises the given errors one after the other and then gives 42.
    """

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return 42


def supplier(prices):
    """
    An asynchronous supplier with these prices, who is down for everything else.
    """

    async def ask(sku):
        await asyncio.sleep(0)
        if sku not in prices:
            raise SupplierDownError(sku)
        return prices[sku]

    return ask


SUPPLIERS = {
    "dear": supplier({"TEA-01": 300, "CUP-07": 700}),
    "cheap": supplier({"TEA-01": 250}),
    "also": supplier({"TEA-01": 250, "CUP-07": 710}),
}


def test_call_that_works_is_made_once():
    call = Failing()

    assert with_retries(call) == 42
    assert call.calls == 1


@pytest.mark.parametrize("error", [ConnectionError, ConnectionResetError, TimeoutError])
def test_call_is_tried_again_after_a_network_error(error):
    call = Failing(error("1"), error("2"))

    assert with_retries(call) == 42
    assert call.calls == 3


def test_call_is_given_up_after_the_last_attempt():
    call = Failing(*(TimeoutError(str(number)) for number in range(9)))

    with pytest.raises(SupplierDownError, match="^no answer after 4 attempts$") as error:
        with_retries(call, attempts=4)

    assert call.calls == 4
    assert repr(error.value.__cause__) == "TimeoutError('3')"


def test_call_has_three_attempts_by_default():
    call = Failing(*(TimeoutError() for _ in range(9)))

    with pytest.raises(SupplierDownError, match="after 3 attempts"):
        with_retries(call)


def test_call_without_attempts_is_not_made():
    call = Failing()

    with pytest.raises(SupplierDownError, match="after 0 attempts"):
        with_retries(call, attempts=0)

    assert call.calls == 0


def test_other_errors_come_through_at_once():
    call = Failing(KeyError("TEA-01"))

    with pytest.raises(KeyError):
        with_retries(call)

    assert call.calls == 1


def test_waits_grow_up_to_the_most():
    assert waits(6) == [0.5, 1.0, 2.0, 4.0, 5.0]
    assert waits(3, first=1.0, factor=3.0, most=10.0) == [1.0, 3.0]
    assert waits(1) == []


def test_first_supplier_who_has_it_counts():
    suppliers = {"a": {}.__getitem__, "b": {"TEA-01": 300}.__getitem__, "c": lambda sku: 1}

    assert first_quote(suppliers, "TEA-01") == Quote("b", "TEA-01", 300)


def test_supplier_who_is_down_is_passed_over():
    def down(sku):
        raise SupplierDownError(sku)

    assert first_quote({"a": down, "b": lambda sku: 7}, "TEA-01") == Quote("b", "TEA-01", 7)


def test_nobody_has_it():
    suppliers = {"Ann": {}.__getitem__, "Bob": {}.__getitem__}

    with pytest.raises(SupplierDownError, match="^TEA-01: nobody has it, asked Ann, Bob$"):
        first_quote(suppliers, "TEA-01")


def test_error_of_a_supplier_comes_through():
    def broken(sku):
        raise ValueError(sku)

    with pytest.raises(ValueError, match="TEA-01"):
        first_quote({"a": broken, "b": lambda sku: 7}, "TEA-01")


def test_quotes_are_sorted_by_price_and_name():
    assert asyncio.run(quotes(SUPPLIERS, "TEA-01")) == [
        Quote("also", "TEA-01", 250),
        Quote("cheap", "TEA-01", 250),
        Quote("dear", "TEA-01", 300),
    ]


def test_quotes_leave_out_who_is_down():
    assert asyncio.run(quotes(SUPPLIERS, "CUP-07")) == [
        Quote("dear", "CUP-07", 700),
        Quote("also", "CUP-07", 710),
    ]


@pytest.mark.parametrize("error", [SupplierDownError, ConnectionError, BrokenPipeError])
def test_quotes_leave_out_who_cannot_be_reached(error):
    async def gone(sku):
        raise error(sku)

    suppliers = {"gone": gone, "cheap": supplier({"TEA-01": 250})}

    assert asyncio.run(quotes(suppliers, "TEA-01")) == [Quote("cheap", "TEA-01", 250)]


def test_quotes_let_other_errors_through():
    async def broken(sku):
        raise ValueError(sku)

    with pytest.raises(ValueError, match="TEA-01"):
        asyncio.run(quotes({**SUPPLIERS, "broken": broken}, "TEA-01"))


def test_cheapest_is_the_first_quote():
    assert asyncio.run(cheapest(SUPPLIERS, "CUP-07")) == Quote("dear", "CUP-07", 700)


def test_cheapest_needs_an_answer():
    with pytest.raises(SupplierDownError, match="^POT-1: nobody answers$"):
        asyncio.run(cheapest(SUPPLIERS, "POT-1"))


async def filled(suppliers, skus):
    """
    What a basket finds, and what it fails to find.
    """
    basket = Basket(suppliers)
    return await basket.fill(skus), basket.failed


def test_basket_holds_cheapest_quotes():
    skus = ["TEA-01", "POT-2", "CUP-07", "POT-1"]

    assert asyncio.run(filled(SUPPLIERS, skus)) == (
        {"TEA-01": Quote("also", "TEA-01", 250), "CUP-07": Quote("dear", "CUP-07", 700)},
        ["POT-1", "POT-2"],
    )


def most_questions_at_a_time(**limit):
    """
    How many of nine questions are asked at the same time by a basket with a limit.
    """
    now, most = 0, 0

    async def ask(sku):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return 1

    async def fill():
        found = await Basket({"a": ask}, **limit).fill([f"TEA-{n}" for n in range(9)])
        assert len(found) == 9

    asyncio.run(fill())
    return most


def test_basket_asks_no_more_than_its_limit_at_a_time():
    assert most_questions_at_a_time(limit=2) == 2
    assert most_questions_at_a_time() == 4


def test_basket_keeps_the_suppliers_it_was_given():
    async def fill():
        suppliers = dict(SUPPLIERS)
        basket = Basket(suppliers)
        suppliers.clear()
        return await basket.fill(["CUP-07"])

    assert asyncio.run(fill()) == {"CUP-07": Quote("dear", "CUP-07", 700)}
