import pytest

from stockroom import BadRecordError, Item
from stockroom.records import read, read_line, read_price, write

LIST = """\
# our shelf
TEA-01; Green tea; 12; 4.50; tea, organic

cup 7; Cup; 4
"""


@pytest.mark.parametrize(
    ("text", "cents"),
    [("4.50", 450), ("4,5", 450), (" 4 ", 400), ("0.07", 7), ("12.", 1200), ("103.20", 10320)],
)
def test_price_in_several_spellings(text, cents):
    assert read_price(text) == cents


@pytest.mark.parametrize("text", ["", "x", "4.505", "4.x", "1.2.3"])
def test_price_of_other_text_is_refused(text):
    with pytest.raises(ValueError):
        read_price(text)


def test_parts_of_a_cent_are_named():
    with pytest.raises(ValueError, match=r"^'4\.505' has parts of a cent$"):
        read_price("4.505")


def test_line_with_all_fields():
    tea = Item("TEA-01", "Green tea", 12, 0, 450, ["tea", "organic"])

    assert read_line("tea-01; Green tea ;12; 4.50; Tea, organic") == tea


def test_line_without_price_and_tags():
    assert read_line("TEA-01;Green tea;12") == Item("TEA-01", "Green tea", 12, 0, 0, [])
    assert read_line("TEA-01;Green tea;12;1") == Item("TEA-01", "Green tea", 12, 0, 100, [])


def test_line_with_no_pieces():
    assert read_line("TEA-01; Green tea; 0").quantity == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("TEA-01; Green tea", "2 fields, at least 3 needed"),
        ("TEA-01; Green tea; -1", "negative quantity"),
        ("TEA; Green tea; 1", "not an article number: 'TEA'"),
        ("TEA-01; Green tea; 1; 4.505", "'4.505' has parts of a cent"),
        ("TEA-01; Green tea; few", "invalid literal for int() with base 10: 'few'"),
    ],
)
def test_line_that_cannot_be_read(text, reason):
    with pytest.raises(BadRecordError) as error:
        read_line(text, 7)

    assert (error.value.line, error.value.reason) == (7, reason)
    assert str(error.value) == f"line 7: {reason}"


def test_line_number_is_one_by_default():
    with pytest.raises(BadRecordError, match="^line 1: "):
        read_line("TEA-01")


def test_list_skips_comments_and_empty_lines():
    items, bad = read(LIST)

    assert [(item.sku, item.quantity) for item in items] == [("TEA-01", 12), ("CUP-7", 4)]
    assert bad == []


def test_last_of_equal_numbers_counts():
    items, _ = read("TEA-01; Old; 1\ntea 01; New; 2\n")

    assert [(item.name, item.quantity) for item in items] == [("New", 2)]


def test_strict_list_stops_at_the_first_bad_line():
    with pytest.raises(BadRecordError, match="^line 2: 1 fields"):
        read("TEA-01; Tea; 1\nrubbish\nmore rubbish\n")


def test_lenient_list_collects_bad_lines():
    items, bad = read("rubbish\nTEA-01; Tea; 1\nCUP-07; Cup; -2\nCUP-08; Cup; 2\n", strict=False)

    assert [item.sku for item in items] == ["TEA-01", "CUP-08"]
    assert [(error.line, error.reason) for error in bad] == [
        (1, "1 fields, at least 3 needed"),
        (3, "negative quantity"),
    ]


def test_written_list_is_sorted_by_number():
    items = [
        Item("TEA-01", "Green tea", 12, price_cents=450, tags=["tea", "organic"]),
        Item("CUP-07", "Cup", 4, price_cents=1205),
    ]

    assert write(items) == "CUP-07; Cup; 4; 12.05\nTEA-01; Green tea; 12; 4.50; tea, organic\n"


def test_written_list_can_be_read_again():
    items, _ = read(LIST)

    assert read(write(items)) == ([items[1], items[0]], [])


def test_list_of_nothing_is_empty():
    assert write([]) == ""
    assert read("") == ([], [])
