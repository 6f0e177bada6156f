"""
What can be perturbed in a Rust test, and what is left alone.
"""

from __future__ import annotations

import pytest

from mutators.base import Refusal
from mutators.rust._twins import perturbable
from mutators.twins import Perturbable, other_numbers

SALT = b"salt"


def found(body: str, line: int, head: str = "#[test]", said: str = "") -> Perturbable | Refusal:
    lines = "".join(f"    {text}\n" for text in body.splitlines())
    text = f"{head}\nfn it() {{\n{lines}}}\n"
    return perturbable(text.encode(), ("it",), ((line, said),) if line else (), SALT, 4)


def texts(body: str, line: int = 3, head: str = "#[test]") -> list[tuple[str, bool]]:
    made = found(body, line, head)
    assert isinstance(made, Perturbable), made
    return [(one.old.decode(), one.guessable) for one in made.expectations]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("assert_eq!(f(1), 12);", [("12", False)], id="number, not the argument"),
        pytest.param("assert_eq!(12, f(1));", [("12", False)], id="the other side"),
        pytest.param("assert_eq!(f(), Ok(-7_000));", [("7_000", False)], id="in a constructor"),
        pytest.param("assert_eq!(f(), 3u8);", [("3u8", False)], id="with its type"),
        pytest.param('assert_eq!(f(), "a1\\n".to_string());', [("1", False)], id="text"),
        pytest.param("assert_eq!(f(), 'k');", [("k", False)], id="one letter"),
        pytest.param("assert_eq!(f(), vec![1, 2]);", [("1", False), ("2", False)], id="parts"),
        pytest.param("assert_eq!(f(), P { x: 1, y: z });", [], id="a name it cannot follow"),
        pytest.param("assert_eq!(f(), P { x: 1, n });", [], id="a field by its name alone"),
        pytest.param("assert_eq!(f(), P { x: 1 });", [("1", False)], id="a field"),
        pytest.param("assert_eq!(f(), [5; 3]);", [("5", False)], id="length of an array is left"),
        pytest.param("assert_eq!(f(), true);", [("true", False)], id="truth value"),
        pytest.param("assert_eq!(f(), 1, \"why 2\");", [("1", False)], id="message is left"),
        pytest.param("assert!(f() == 4);", [("4", False)], id="by hand"),
        pytest.param('assert!(f().contains("word"));', [("w", False)], id="looked for"),
        pytest.param("let right = 8;\nassert_eq!(f(), right);", [("8", False)], id="by its name"),
        pytest.param("assert_eq!(f(1), g(2));", [("assert_eq", True)], id="computed"),
        pytest.param("assert_ne!(f(1), 2);", [("assert_ne", True)], id="unequal"),
        pytest.param("assert!(f().is_err());", [("f().is_err()", True)], id="a condition"),
    ],
)  # fmt: skip
def test_expectations_of_a_failing_assertion(body: str, expected: list[tuple[str, bool]]) -> None:
    made = texts(body, 2 + len(body.splitlines()))

    assert made == (expected or [("assert_eq", True)])


def test_condition_is_negated_as_a_whole() -> None:
    made = found('assert!(a && b, "why");', 3)

    assert isinstance(made, Perturbable)
    assert [(one.old, one.new) for one in made.expectations] == [(b"a && b", (b"!(a && b)",))]


def test_expected_panic_is_perturbed_whatever_the_line() -> None:
    head = '#[test]\n#[should_panic(expected = "out of range")]'

    assert [is_open for _, is_open in texts("f();", 4, head)] == [False]


def test_only_the_failing_assertion_counts() -> None:
    assert texts("assert_eq!(f(1), 10);\nassert_eq!(f(2), 20);\nassert_eq!(f(3), 30);", 4) == [
        ("20", False)
    ]


def test_later_uses_of_a_failing_statement_count() -> None:
    body = "let it = make().unwrap();\nassert_eq!(other, 5);\nassert_eq!(it.size, 20);"

    assert texts(body, 3) == [("20", False)]


@pytest.mark.parametrize("line", [0, 400])
def test_last_assertion_counts_where_no_line_in_the_test_is_known(line: int) -> None:
    assert texts("assert_eq!(f(1), 10);\nassert_eq!(f(2), 20);", line) == [("20", False)]


def test_test_of_a_module_is_found_with_attributes_and_comments() -> None:
    own = "    /// Why.\n    #[test]\n    fn it() {\n        assert_eq!(f(), 1);\n    }\n"
    text = f"mod tests {{\n{own}}}\n"

    made = perturbable(text.encode(), ("tests", "it"), ((5, ""),), SALT, 4)

    assert isinstance(made, Perturbable)
    assert text[made.start : made.end] == own


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("fn it( {", ("it",), id="no Rust"),
        pytest.param("#[test]\nfn it() {\n    f();\n}\n", ("it",), id="nothing is expected"),
        pytest.param("#[test]\nfn it() { assert!(f()); }\n", ("other",), id="not there"),
        pytest.param("fn it() { assert!(f()); }\n", ("it",), id="no test"),
    ],
)
def test_refuses_what_it_cannot_perturb(text: str, names: tuple[str, ...]) -> None:
    assert isinstance(perturbable(text.encode(), names, ((2, ""),), SALT, 4), Refusal)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("120", 100, 127), ("130", 128, 255), ("300", 256, 999), ("40_001", 32_768, 65_535)],
)
def test_numbers_stay_in_the_range_of_any_type_they_may_have(
    text: str, low: int, high: int
) -> None:
    others = [int(other.replace("_", "")) for other in other_numbers(text, SALT, 31, typed=True)]

    assert others
    assert low <= min(others) <= max(others) <= high


@pytest.mark.parametrize("text", ["0xff", "1e9", "0b1", "007"])
def test_numbers_that_are_no_plain_decimals_are_left(text: str) -> None:
    assert other_numbers(text, SALT, 8, typed=True) == ()


@pytest.mark.parametrize(
    ("right", "said", "expected"),
    [
        ("Ok(1_000)", "left: Ok(900)\n right: Ok(1000)", [("1_000", False)]),
        ("(4, [0, 2])", "left: (2, [0, 2])\n right: (4, [0, 2])", [("4", False)]),
        ("Err(E::Bad(4))", "left: Ok(2)\n right: Err(Bad(4))", [("4", False)]),
        ("[1, 2]", "left: A\n right: B", [("1", True), ("2", True)]),
    ],
)
def test_what_the_broken_code_has_right_is_no_secret(
    right: str, said: str, expected: list[tuple[str, bool]]
) -> None:
    words = f"assertion `left == right` failed\n  {said}"

    made = found(f"assert_eq!(f(), {right});", 3, said=words)

    assert isinstance(made, Perturbable)
    assert [(one.old.decode(), one.guessable) for one in made.expectations] == expected
