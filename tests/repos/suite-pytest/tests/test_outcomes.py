import unittest

import pytest

from shelf import add, double


@pytest.fixture
def broken():
    raise RuntimeError("no shelf")


@pytest.fixture
def breaks_later():
    yield 1
    raise RuntimeError("shelf fell down")


def test_passes():
    assert double(2) == 4


def test_fails():
    number = 3
    expected = 7
    assert double(number) == expected


def test_raises():
    shelf = ["a"]
    add("a", shelf)


def test_does_not_raise():
    with pytest.raises(KeyError):
        add("b", ["a"])


def test_set_up_breaks(broken):
    pass


def test_tear_down_breaks(breaks_later):
    pass


@pytest.mark.skip(reason="not now")
def test_skipped():
    pass


@pytest.mark.xfail
def test_expected_to_fail():
    assert False


@pytest.mark.xfail
def test_passes_unexpectedly():
    pass


@pytest.mark.xfail(strict=True)
def test_passes_strictly_unexpectedly():
    pass


@pytest.mark.parametrize("text", ["plain", "with space", "a/b::c", "ä", "[x]"])
def test_parametrized(text):
    assert text


class TestGroup:
    def test_in_class(self):
        assert double(0) == 0


class OldStyle(unittest.TestCase):
    def test_with_parts(self):
        for number in (1, 2, 3):
            with self.subTest(number=number):
                self.assertLess(double(number), 5)
