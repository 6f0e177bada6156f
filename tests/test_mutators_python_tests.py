"""
`mutators.python.tests`: finding, cutting and quoting tests.
"""

from __future__ import annotations

import pytest

from mutators.base import Refusal
from mutators.python.tests import cut, statement_at
from mutators.python.tests import test_items as items_of

FILE = b'''\
import unittest
import pytest

LIMIT = 3


# The first of all.
@pytest.mark.parametrize("x", [1, 2])
def test_one(x):
    assert x


def test_two():
    def test_inner():
        pass

    assert LIMIT == 3


class TestGroup:
    """A group."""

    def test_three(self):
        with pytest.raises(ValueError):
            int("x")

    async def test_four(self):
        assert (
            LIMIT
            == 3
        )


class Common:
    def test_five(self):
        assert True


class Derived(Common, unittest.TestCase):
    def setUp(self):
        pass

    test_six = lambda self: None
'''


def names(data: bytes) -> list[tuple[str, ...]]:
    items = items_of(data)
    assert not isinstance(items, Refusal)
    return [item.names for item in items]


def without(data: bytes, *paths: tuple[str, ...]) -> str:
    left = cut(data, paths)
    assert isinstance(left, bytes), left
    return left.decode()


def test_items_leaves_out_functions_in_functions_and_in_plain_classes() -> None:
    assert names(FILE) == [
        ("test_one",),
        ("test_two",),
        ("TestGroup", "test_three"),
        ("TestGroup", "test_four"),
    ]


def test_items_span_takes_decorators_and_line_end() -> None:
    items = items_of(FILE)

    assert not isinstance(items, Refusal)
    text = FILE[items[0].start : items[0].end].decode()
    assert text.startswith("@pytest")
    assert text.endswith("assert x\n")


def test_items_refuses_broken_source() -> None:
    assert isinstance(items_of(b"def test_x(:\n"), Refusal)


def test_cut_takes_the_comment_above_and_keeps_the_spacing() -> None:
    left = without(FILE, ("test_one",))

    before, _, rest = FILE.decode().partition("# The first of all.\n")
    assert left == before + rest.partition("    assert x\n\n\n")[2]


def test_cut_of_two_neighbours_leaves_what_cutting_one_by_one_leaves() -> None:
    both = without(FILE, ("test_one",), ("test_two",))

    assert both == without(without(FILE, ("test_one",)).encode(), ("test_two",))
    assert both.startswith("import unittest\nimport pytest\n\nLIMIT = 3\n\n\nclass TestGroup:")


def test_cut_of_the_last_method_keeps_the_next_class_apart() -> None:
    left = without(FILE, ("TestGroup", "test_four"))

    assert 'int("x")\n\n\nclass Common:' in left


def test_cut_removes_a_class_that_only_a_docstring_would_be_left_of() -> None:
    left = without(FILE, ("TestGroup", "test_three"), ("TestGroup", "test_four"))

    assert "TestGroup" not in left
    assert "assert LIMIT == 3\n\n\nclass Common:" in left


def test_cut_finds_an_assigned_test() -> None:
    assert "test_six" not in without(FILE, ("Derived", "test_six"))


def test_cut_refuses_to_empty_a_class_that_another_one_needs() -> None:
    assert isinstance(cut(FILE, [("Derived", "test_five")]), Refusal)


def test_cut_finds_an_inherited_test_where_it_is_defined() -> None:
    more = FILE.replace(b"class Common:\n", b"class Common:\n    size = 1\n\n")

    assert "test_five" not in without(more, ("Derived", "test_five"))


def test_cut_refuses_a_test_that_is_not_there() -> None:
    refusal = cut(FILE, [("test_nine",)])

    assert refusal == Refusal("no such test: test_nine")


def test_cut_refuses_a_test_that_another_one_calls() -> None:
    calls = FILE + b"\n\ndef test_again():\n    test_two()\n"

    assert isinstance(cut(calls, [("test_two",)]), Refusal)
    assert without(FILE + b'\nif __name__ == "__main__":\n    test_two()\n', ("test_two",))


def test_cut_keeps_line_ends_and_all_other_bytes() -> None:
    crlf = FILE.replace(b"\n", b"\r\n")
    left = without(crlf, ("test_two",))

    assert left == without(FILE, ("test_two",)).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("on", "statement"),
    [
        ("    assert x", "assert x"),
        ("        assert (", "assert (\n    LIMIT\n    == 3\n)"),
        ("            == 3", "assert (\n    LIMIT\n    == 3\n)"),
        ("        with", 'with pytest.raises(ValueError):\n    int("x")'),
        ('            int("x")', 'int("x")'),
        ("def test_two", "def test_two():"),
    ],
)
def test_statement_at_quotes_the_whole_statement(on: str, statement: str) -> None:
    line = FILE.decode()[: FILE.decode().index("\n" + on)].count("\n") + 2

    assert statement_at(FILE, line) == statement


@pytest.mark.parametrize("line", [-1, 0, 999])
def test_statement_at_has_nothing_where_no_line_is(line: int) -> None:
    assert statement_at(FILE, line) == ""


def test_statement_at_falls_back_to_the_line() -> None:
    assert statement_at(b"if (\n  x ==\n", 2) == "x =="
