import pytest

from stockroom.names import (
    family,
    first_match,
    normal_sku,
    same_name,
    serial,
    short_name,
    tags_of,
)


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("TEA-01", "TEA-01"),
        ("tea-01", "TEA-01"),
        ("  tea_01 ", "TEA-01"),
        ("tea 01", "TEA-01"),
        ("tea - _01", "TEA-01"),
        ("box-a-7", "BOX-A-7"),
    ],
)
def test_sku_is_spelled_one_way(text, sku):
    assert normal_sku(text) == sku


@pytest.mark.parametrize("text", ["", "TEA", "01-TEA", "TEA-", "TEA-0.1", "-01"])
def test_sku_refuses_other_text(text):
    with pytest.raises(ValueError, match="not an article number"):
        normal_sku(text)


def test_sku_error_shows_the_text_as_given():
    with pytest.raises(ValueError) as error:
        normal_sku(" te! ")

    assert str(error.value) == "not an article number: ' te! '"


def test_family_and_serial_are_the_outer_parts():
    assert family("BOX-A-7") == "BOX"
    assert serial("BOX-A-7") == "7"


def test_names_are_the_same_up_to_case_and_space():
    assert same_name("Green  Tea", " green tea") is True
    assert same_name("Straße", "STRASSE") is True
    assert same_name("Green Tea", "GreenTea") is False
    assert same_name("  green tea ", "green Tea ") is True


def test_short_name_keeps_what_fits():
    assert short_name("Green tea") == "Green tea"
    assert short_name("Twelve chars") == "Twelve chars"
    assert short_name("  Cup ") == "Cup"


def test_short_name_cuts_what_does_not_fit():
    assert short_name("Thirteen char") == "Thirteen ch."
    assert short_name("Green tea, loose", 7) == "Green."
    assert short_name("Green tea", 4) == "Gre."


def test_tags_are_lower_case_and_none_twice():
    assert tags_of("Tea, organic,TEA, , loose ") == ["tea", "organic", "loose"]


def test_tags_of_nothing_are_none():
    assert tags_of(" , ") == []


def test_first_match_ignores_case():
    names = ["Cup", "Green tea", "green cup"]

    assert first_match(names, "GREEN") == "Green tea"
    assert first_match(names, "cup") == "Cup"
    assert first_match(names, "tea") is None
