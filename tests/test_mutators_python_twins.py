"""
What can be perturbed in a Python test, and what is left alone.
"""

from __future__ import annotations

import re

import pytest

from mutators.base import Refusal, apply_edits
from mutators.python._twins import perturbable
from mutators.twins import Perturbable

SALT = b"salt"


def found(
    body: str, line: int = 2, *, head: str = "def test_it():", copies: int = 4, said: str = ""
) -> Perturbable:
    """
    The expectations of one test whose body is given; `line` counts the head.
    """
    lines = "".join(f"    {text}\n" for text in body.splitlines())
    made = perturbable(f"{head}\n{lines}".encode(), ("test_it",), ((line, said),), SALT, copies)
    assert isinstance(made, Perturbable), made
    return made


def texts(body: str, line: int = 2, **more: str) -> list[tuple[str, bool]]:
    """
    Each right text, and whether it can only be negated.
    """
    return [(one.old.decode(), one.guessable) for one in found(body, line, **more).expectations]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("assert f(1) == 12", [("12", False)], id="number, not the argument"),
        pytest.param("assert 12 == f(1)", [("12", False)], id="the other side"),
        pytest.param("assert f(x) == -0.5", [("0.5", False)], id="float below zero"),
        pytest.param("assert f() == '2 of'", [("2", False)], id="string that begins as a number"),
        pytest.param("assert f() == 'ab'", [("b", False)], id="a consonant of a string"),
        pytest.param("assert f() == 'no 7'", [("7", False)], id="rather a digit"),
        pytest.param("assert f() == r'\\d\\n1'", [("1", False)], id="no escape"),
        pytest.param("assert f() == [1, 2]", [("1", False), ("2", False)], id="parts of a list"),
        pytest.param("assert f() == {'a': 3}", [("3", False)], id="values, not keys"),
        pytest.param("assert f() == (x.id, 4)", [("4", False)], id="what is not written is left"),
        pytest.param("assert f() == Item(5, n=6)", [("5", False), ("6", False)], id="constructor"),
        pytest.param("assert f() == approx(2.5)", [("2.5", False)], id="approximately"),
        pytest.param("assert f() is True", [("True", False)], id="truth value"),
        pytest.param("assert len(f()) == 3", [("3", False)], id="count"),
        pytest.param("assert f() == 1 and g() == 2", [("1", False), ("2", False)], id="both"),
        pytest.param("assert 'aaab' in f()", [("b", False)], id="looked for in another"),
        pytest.param("self.assertEqual(f(1), 12)", [("12", False)], id="unittest"),
        pytest.param("self.assertTrue(f() == 4)", [("4", False)], id="unittest, by hand"),
        pytest.param("expected = 8\nassert f() == expected", [("8", False)], id="by its name"),
        pytest.param("assert f(1) == g(2)", [("==", True)], id="computed on both sides"),
        pytest.param("assert f() == approx(2.5, abs=1)", [("==", True)], id="own tolerance"),
        pytest.param("assert f() < 5", [("<", True)], id="smaller: any number may be right"),
        pytest.param("assert f() is None", [("is", True)], id="None"),
        pytest.param("assert 'ab' in f()", [("in", True)], id="too short to look for"),
        pytest.param("assert f()", [("", True)], id="bare"),
        pytest.param("assert not f()", [("not ", True)], id="bare and negated"),
        pytest.param("self.assertIsNone(f())", [("assertIsNone", True)], id="unittest, negated"),
    ],
)
def test_expectations_of_a_failing_statement(body: str, expected: list[tuple[str, bool]]) -> None:
    assert texts(body, 1 + len(body.splitlines())) == expected


@pytest.mark.parametrize(
    ("body", "right", "possible"),
    [
        ("with raises(ValueError):\n    f()", "ValueError", {"TypeError", "KeyError", "OSError"}),
        ("with raises(Own):\n    f()", "Own", {"ValueError", "TypeError", "KeyError"}),
        ("self.assertRaises(KeyError, f)", "KeyError", {"ValueError", "TypeError", "OSError"}),
    ],
)
def test_raised_types_become_others(body: str, right: str, possible: set[str]) -> None:
    made = found(body, copies=32).expectations

    assert [one.old.decode() for one in made] == [right]
    assert possible <= {new.decode() for new in made[0].new}
    assert right.encode() not in made[0].new


def test_text_of_an_error_is_perturbed_beside_its_type() -> None:
    assert [old for old, _ in texts("with raises(ValueError, match='^bad 1$'):\n    f()")] == [
        "ValueError",
        "1",
    ]


def test_only_the_failing_statement_counts() -> None:
    body = "assert f(1) == 10\nassert f(2) == 20\nassert f(3) == 30"

    assert texts(body, 3) == [("20", False)]


def test_later_uses_of_a_failing_statement_count() -> None:
    body = "item = make()\nassert other == 5\nassert item.size == 20"

    assert texts(body, 2) == [("20", False)]


def test_last_assertion_counts_where_no_line_is_known() -> None:
    made = perturbable(
        b"def test_it():\n    assert f() == 1\n    assert f() == 2\n", ("test_it",), (), SALT, 4
    )

    assert isinstance(made, Perturbable)
    assert [one.old for one in made.expectations] == [b"2"]


TABLE = """@pytest.mark.parametrize(("text", "cents"), [("4.50", 450), ("x", 7), (A, 3)])
def test_it(text, cents):
    assert read(text) == cents
"""


def test_rows_of_a_table_are_expectations_with_ids_of_their_own() -> None:
    made = perturbable(TABLE.encode(), ("test_it",), ((3, ""),), SALT, 4)

    assert isinstance(made, Perturbable)
    assert [(one.row, one.old) for one in made.expectations] == [(0, b"450"), (1, b"7"), (2, b"3")]
    assert made.row_ids == ("0", "1", "2")
    assert [bool(re.fullmatch(made.rows[0], text)) for text in ("4.50-450", "x-7")] == [True, False]
    assert re.fullmatch(made.rows[2], "anything-3")
    assert b', ids=["0", "1", "2"])\n' in apply_edits(TABLE.encode(), made.fixed)


def test_table_with_ids_keeps_them() -> None:
    text = TABLE.replace("(A, 3)]", '(A, 3)], ids=["one", "two", "three"]')

    made = perturbable(text.encode(), ("test_it",), ((3, ""),), SALT, 4)

    assert isinstance(made, Perturbable)
    assert (made.row_ids, made.rows, made.fixed) == (("one", "two", "three"),) * 2 + ((),)


def test_row_that_names_itself_keeps_its_name() -> None:
    text = TABLE.replace("(A, 3)", 'pytest.param("z", 3, id="last")')

    made = perturbable(text.encode(), ("test_it",), ((3, ""),), SALT, 4)

    assert isinstance(made, Perturbable)
    assert made.row_ids == ("0", "1", "last")


def test_span_is_the_whole_function_with_decorators() -> None:
    own = "    @mark\n    def test_it(self):\n        assert f() == 1\n"
    text = f"import x\n\n\nclass TestA:\n{own}\n\nb = 1\n"

    made = perturbable(text.encode(), ("TestA", "test_it"), ((7, ""),), SALT, 4)

    assert isinstance(made, Perturbable)
    assert text[made.start : made.end] == own
    assert text[made.name.start : made.name.end] == "test_it"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("def test_it(:\n", ("test_it",), id="no Python"),
        pytest.param("def test_it():\n    f()\n", ("test_it",), id="nothing is expected"),
        pytest.param("def test_it():\n    assert f()\n", ("test_other",), id="not there"),
        pytest.param("def test_it():\n    pass\n" * 2, ("test_it",), id="there twice"),
    ],
)
def test_refuses_what_it_cannot_perturb(text: str, names: tuple[str, ...]) -> None:
    assert isinstance(perturbable(text.encode(), names, ((2, ""),), SALT, 4), Refusal)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("assert f() == 12", r"1[1-9]|[2-9][1-9]"),
        ("assert f() == 300", r"[1-9]00"),
        ("assert f() == 7", r"\d"),
        ("assert f() == 0.25", r"0\.[1-9][1-9]"),
        ("assert f() == 1_500", r"[1-9]_[1-9]00"),
    ],
)
def test_numbers_keep_their_shape(text: str, pattern: str) -> None:
    made = found(text, copies=32).expectations[0]

    assert made.old not in made.new
    assert len(set(made.new)) == len(made.new) >= 8
    assert [new for new in made.new if not re.fullmatch(pattern, new.decode())] == []


def test_right_number_stands_anywhere_among_the_others() -> None:
    places = set()
    for salt in range(40):
        made = perturbable(b"def test_it():\n    assert f() == 55\n", ("test_it",), ((2, ""),),
                           bytes([salt]), 8)  # fmt: skip
        assert isinstance(made, Perturbable)
        all_ = sorted([*made.expectations[0].new, b"55"])
        places.add(all_.index(b"55"))

    assert places == set(range(8))


def test_same_salt_gives_the_same_texts_and_another_one_others() -> None:
    data = b"def test_it():\n    assert f() == 'a long text of words'\n"

    one, two, other = (
        perturbable(data, ("test_it",), ((2, ""),), salt, 8) for salt in (b"a", b"a", b"b")
    )

    assert one == two
    assert one != other


@pytest.mark.parametrize(
    ("right", "said", "expected"),
    [
        pytest.param("12", "assert 11 == 12", [("12", False)], id="number"),
        pytest.param("540", "assert 5400 == 540", [("540", False)], id="number with more digits"),
        pytest.param(
            "[1, 2, 3]", "assert [1, 9, 3] == [1, 2, 3]", [("2", False)], id="one of a list"
        ),
        pytest.param(
            "'kept bad'", "assert 'kept dad' == 'kept bad'", [("b", False)], id="one letter"
        ),
        pytest.param("('k', 2)", "('d', 2) != ('k', 2)", [("k", False)], id="unittest's words"),
        pytest.param("[1, 2]", "assert <A> == <B>", [("1", True), ("2", True)], id="not told"),
        pytest.param(
            "7", "assert <A> == <B>", [("7", False)], id="not told, and nothing beside it"
        ),
        pytest.param("'k'", "assert 'kk' == 'k'", [("k", True)], id="right as far as it goes"),
        pytest.param(
            "[1, 2, 3]",
            "assert [1, ...] == [1, 2, 3]\n  \n  At index 1 diff: 9 != 2\n  Use -v",
            [("2", False)],
            id="cut, but for the first difference",
        ),
    ],
)
def test_what_the_broken_code_has_right_is_no_secret(
    right: str, said: str, expected: list[tuple[str, bool]]
) -> None:
    made = found(f"assert f() == {right}", said=said).expectations

    assert [(one.old.decode(), one.guessable) for one in made] == expected
