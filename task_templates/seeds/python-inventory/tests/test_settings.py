import pytest

from stockroom import BadSettingError, Settings
from stockroom.settings import merged


def test_defaults_without_any_setting():
    assert Settings.of({}) == Settings(5, 20, 3, "EUR", False, [])
    assert Settings() == Settings.of({})


def test_default_values_one_by_one():
    settings = Settings()

    assert settings.low_mark == 5
    assert settings.page_size == 20
    assert settings.attempts == 3
    assert settings.currency == "EUR"
    assert settings.allow_partial is False
    assert settings.tags == []


def test_given_values_count():
    given = {
        "low_mark": "8",
        "page_size": 50,
        "attempts": 1,
        "currency": " chf ",
        "allow_partial": "Yes",
        "tags": ["a", "b"],
    }

    assert Settings.of(given) == Settings(8, 50, 1, "CHF", True, ["a", "b"])


def test_tags_are_copied():
    given = {"tags": ["a"]}
    settings = Settings.of(given)

    given["tags"].append("b")

    assert settings.tags == ["a"]


@pytest.mark.parametrize("value", ["yes", "TRUE", " on ", "1", 1, True])
def test_flag_is_on(value):
    assert Settings.of({"allow_partial": value}).allow_partial is True


@pytest.mark.parametrize("value", ["no", "False", "off ", "0", 0, False])
def test_flag_is_off(value):
    assert Settings.of({"allow_partial": value}).allow_partial is False


def test_flag_of_other_text_is_refused():
    with pytest.raises(BadSettingError, match="'maybe' is neither yes nor no"):
        Settings.of({"allow_partial": "maybe"})


@pytest.mark.parametrize("value", ["many", None, [1]])
def test_number_of_other_kind_is_refused(value):
    with pytest.raises(BadSettingError, match="^attempts: .* is no whole number$"):
        Settings.of({"attempts": value})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("low_mark", -1, "low_mark: -1 is below 0"),
        ("page_size", 0, "page_size: 0 is below 1"),
        ("attempts", 0, "attempts: 0 is below 1"),
    ],
)
def test_number_below_the_least_is_refused(key, value, message):
    with pytest.raises(BadSettingError) as error:
        Settings.of({key: value})

    assert str(error.value) == message


def test_least_numbers_are_accepted():
    settings = Settings.of({"low_mark": 0, "page_size": 1, "attempts": 1})

    assert (settings.low_mark, settings.page_size, settings.attempts) == (0, 1, 1)


def test_user_value_counts_over_shop_value():
    shop = {"low_mark": 3, "currency": "EUR", "attempts": 2}
    user = {"low_mark": 0, "currency": None, "page_size": 9}

    assert merged(shop, user) == {"low_mark": 0, "currency": "EUR", "attempts": 2, "page_size": 9}
    assert shop == {"low_mark": 3, "currency": "EUR", "attempts": 2}
