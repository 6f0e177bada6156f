import pytest

from stockroom import Item, OutOfStockError, Stock, UnknownItemError


def test_item_counts_free_pieces_and_value():
    item = Item("tea 01", "Green tea", 12, reserved=2, price_cents=450)

    assert item.sku == "TEA-01"
    assert item.free == 10
    assert item.value_cents == 5400


def test_item_defaults_are_zero():
    item = Item("TEA-01", "Green tea")

    assert (item.quantity, item.reserved, item.price_cents, item.tags) == (0, 0, 0, [])


def test_item_keeps_its_own_tags():
    tags = ["tea"]
    item = Item("TEA-01", "Green tea", tags=tags)

    tags.append("new")

    assert item.tags == ["tea"]


def test_item_has_all_of_the_tags():
    item = Item("TEA-01", "Green tea", tags=["tea", "organic"])

    assert item.has_tags("tea", "Organic") is True
    assert item.has_tags("tea", "loose") is False
    assert item.has_tags() is True


def test_stock_lists_articles_by_number(stock):
    assert [item.sku for item in stock] == ["CUP-07", "FIL-20", "TEA-01"]
    assert len(stock) == 3


def test_stock_contains_any_spelling(stock):
    assert ("tea_01" in stock) is True
    assert ("TEA-02" in stock) is False
    assert ("???" in stock) is False


def test_item_is_found_by_any_spelling(stock):
    assert stock.item(" tea 01").name == "Green tea"


@pytest.mark.parametrize("sku", ["TEA-99", "???"])
def test_unknown_item_is_an_error(stock, sku):
    with pytest.raises(UnknownItemError) as error:
        stock.item(sku)

    assert error.value.args == (sku,)


def test_free_leaves_reserved_pieces_out(stock):
    assert stock.free("TEA-01") == 10


def test_free_of_unknown_article_is_the_default(stock):
    assert stock.free("TEA-99") == 0
    assert stock.free("TEA-99", -1) == -1


def test_add_raises_the_quantity(stock):
    item = stock.add("tea-01", 5)

    assert item.quantity == 17
    assert stock.item("TEA-01").quantity == 17
    assert stock.log == [("add", "TEA-01", 5)]


def test_add_makes_unknown_articles(stock):
    named = stock.add("pot 1", 1, "Pot")
    plain = stock.add("lid-1", 2)

    assert (named.sku, named.name, named.quantity) == ("POT-1", "Pot", 1)
    assert (plain.sku, plain.name, plain.quantity) == ("LID-1", "LID-1", 2)
    assert len(stock) == 5


@pytest.mark.parametrize("pieces", [0, -3])
def test_add_refuses_no_pieces(stock, pieces):
    with pytest.raises(ValueError, match=f"TEA-01: cannot add {pieces} pieces"):
        stock.add("TEA-01", pieces)

    assert stock.item("TEA-01").quantity == 12


def test_take_lowers_the_quantity(stock):
    assert stock.take("TEA-01", 4) == 6
    assert stock.item("TEA-01").quantity == 8
    assert stock.log == [("take", "TEA-01", 4)]


def test_take_reaches_to_the_last_free_piece(stock):
    assert stock.take("TEA-01", 10) == 0


def test_take_of_more_than_is_free_changes_nothing(stock):
    with pytest.raises(OutOfStockError) as error:
        stock.take("tea-01", 11)

    assert (error.value.sku, error.value.wanted, error.value.free) == ("TEA-01", 11, 10)
    assert error.value.missing == 1
    assert str(error.value) == "TEA-01: wanted 11, only 10 free"
    assert stock.item("TEA-01").quantity == 12
    assert stock.log == []


def test_reserve_promises_what_is_free(stock):
    assert stock.reserve("TEA-01", 4) == 4
    assert stock.free("TEA-01") == 6
    assert stock.reserve("TEA-01", 50) == 6
    assert stock.item("TEA-01").reserved == 12
    assert stock.log == [("reserve", "TEA-01", 4), ("reserve", "TEA-01", 6)]


def test_reserve_of_nothing_leaves_no_trace(stock):
    stock.take("CUP-07", 4)

    assert stock.reserve("CUP-07", 1) == 0
    assert stock.reserve("TEA-01", -2) == 0
    assert stock.item("TEA-01").reserved == 2
    assert stock.log == [("take", "CUP-07", 4)]


def test_release_takes_promises_back(stock):
    stock.reserve("TEA-01", 3)

    assert stock.release("TEA-01", 1) == 1
    assert stock.item("TEA-01").reserved == 4
    assert stock.release("TEA-01") == 4
    assert stock.item("TEA-01").reserved == 0
    assert stock.release("TEA-01", 7) == 0


def test_release_of_zero_pieces_keeps_all_promises(stock):
    assert stock.release("TEA-01", 0) == 0
    assert stock.item("TEA-01").reserved == 2


def test_move_books_pieces_over(stock):
    stock.move("FIL-20", "cup-07", 5)

    assert stock.item("FIL-20").quantity == 25
    assert stock.item("CUP-07").quantity == 9
    assert stock.log == [("take", "FIL-20", 5), ("add", "CUP-07", 5)]


def test_move_to_unknown_article_changes_nothing(stock):
    with pytest.raises(UnknownItemError):
        stock.move("FIL-20", "POT-1", 5)

    assert stock.item("FIL-20").quantity == 30
    assert len(stock) == 3


def test_move_of_too_much_changes_nothing(stock):
    with pytest.raises(OutOfStockError):
        stock.move("CUP-07", "FIL-20", 5)

    assert stock.item("CUP-07").quantity == 4
    assert stock.item("FIL-20").quantity == 30


def test_remove_drops_an_article(stock):
    item = stock.remove("cup-07")

    assert item.name == "Cup"
    assert [item.sku for item in stock] == ["FIL-20", "TEA-01"]


def test_remove_keeps_reserved_articles(stock):
    with pytest.raises(ValueError, match="TEA-01: 2 pieces are reserved"):
        stock.remove("TEA-01")

    assert "TEA-01" in stock


def test_find_gives_articles_by_number(stock):
    found = stock.find(lambda item: "tea" in item.tags)

    assert [item.sku for item in found] == ["FIL-20", "TEA-01"]


def test_snapshot_does_not_show_later_changes(stock):
    before = stock.snapshot()

    stock.take("CUP-07", 1)
    stock.item("TEA-01").tags.append("new")
    stock.remove("FIL-20")

    assert sorted(before) == ["CUP-07", "FIL-20", "TEA-01"]
    assert before["CUP-07"].quantity == 4
    assert before["TEA-01"].tags == ["tea", "organic"]


def test_restore_goes_back_more_than_once(stock):
    before = stock.snapshot()

    stock.take("CUP-07", 1)
    stock.restore(before)
    stock.take("CUP-07", 2)
    stock.item("TEA-01").tags.append("new")
    stock.restore(before)

    assert stock.item("CUP-07").quantity == 4
    assert stock.item("TEA-01").tags == ["tea", "organic"]
    assert stock.log[-1] == ("restore", "*", 3)


def test_log_belongs_to_the_caller(stock):
    stock.add("CUP-07", 1)

    stock.log.clear()

    assert stock.log == [("add", "CUP-07", 1)]


def test_empty_stock_holds_nothing():
    assert len(Stock()) == 0
    assert list(Stock()) == []
