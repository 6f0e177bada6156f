import pytest

from stockroom import Item, Settings
from stockroom.reports import (
    best_day,
    by_family,
    by_value,
    change,
    moving_average,
    page,
    page_count,
    scarcest,
    to_order,
    top,
)


def test_most_valuable_come_first(stock):
    assert [item.value_cents for item in by_value(stock)] == [5400, 3600, 3596]


def test_equal_values_are_sorted_by_name():
    items = [
        Item("BBB-1", "Zebra", 1, price_cents=10),
        Item("AAA-1", "apple", 1, price_cents=10),
        Item("CCC-1", "Bear", 2, price_cents=5),
    ]

    assert [item.name for item in by_value(items)] == ["Bear", "Zebra", "apple"]


def test_top_names_the_first_ones(stock):
    stock.add("POT-1", 1, "Pot")

    assert top(stock) == ["Green tea", "Filters", "Cup"]
    assert top(stock, 1) == ["Green tea"]
    assert top(stock, 9) == ["Green tea", "Filters", "Cup", "Pot"]


def test_scarcest_has_fewest_free_pieces(stock):
    stock.reserve("TEA-01", 8)

    assert scarcest(stock).sku == "TEA-01"
    assert scarcest([]) is None


def test_page_counts_from_one():
    settings = Settings(page_size=2)
    rows = ["a", "b", "c", "d", "e"]

    assert page(rows, 1, settings) == ["a", "b"]
    assert page(rows, 2, settings) == ["c", "d"]
    assert page(rows, 3, settings) == ["e"]
    assert page(rows, 4, settings) == []


def test_page_has_twenty_rows_by_default():
    assert page(range(50), 1) == list(range(20))
    assert page(range(50), 3) == list(range(40, 50))


@pytest.mark.parametrize("number", [0, -1])
def test_page_below_one_is_refused(number):
    with pytest.raises(ValueError, match=f"no page {number}"):
        page(["a"], number)


@pytest.mark.parametrize(("rows", "pages"), [(0, 1), (1, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_page_count_rounds_up(rows, pages):
    assert page_count(range(rows), 4) == pages


def test_scarce_articles_are_ordered_anew(stock):
    stock.reserve("TEA-01", 8)

    assert to_order(stock) == {"CUP-07": 6, "TEA-01": 8}


def test_articles_at_the_mark_are_not_ordered(stock):
    assert to_order(stock, Settings(low_mark=4)) == {}
    assert to_order(stock, Settings(low_mark=5)) == {"CUP-07": 6}


def test_articles_that_are_phased_out_are_not_ordered():
    items = [Item("OLD-1", "Old", 1, tags=["phase-out"]), Item("NEW-1", "New", 1)]

    assert to_order(items) == {"NEW-1": 9}


def test_families_and_numbers_are_sorted():
    items = [Item("TEA-2", "b"), Item("CUP-1", "c"), Item("TEA-1", "a")]

    assert list(by_family(items).items()) == [("CUP", ["CUP-1"]), ("TEA", ["TEA-1", "TEA-2"])]


def test_moving_average_of_three_days():
    assert moving_average([3, 6, 9, 0]) == [6.0, 5.0]
    assert moving_average([3, 6, 9]) == [6.0]
    assert moving_average([3, 6]) == []


def test_moving_average_of_other_spans():
    assert moving_average([3, 6, 9], 1) == [3.0, 6.0, 9.0]
    assert moving_average([3, 6, 10], 2) == [4.5, 8.0]


def test_moving_average_of_no_days_is_refused():
    with pytest.raises(ValueError, match="at least one day"):
        moving_average([3], 0)


@pytest.mark.parametrize(
    ("sales", "day"),
    [([2, 7, 7, 1], 1), ([5], 0), ([0, 0, 1], 2), ([0, 0], None), ([], None), ([9, 3], 0)],
)
def test_best_day_is_the_first_with_most_sales(sales, day):
    assert best_day(sales) == day


@pytest.mark.parametrize(("sales", "more"), [([4, 9, 6], 2), ([6, 4], -2), ([4], 0), ([], 0)])
def test_change_compares_last_with_first(sales, more):
    assert change(sales) == more
