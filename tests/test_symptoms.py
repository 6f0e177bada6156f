"""
Symptoms tell call, expected and got, from what a failing test says.
"""

from __future__ import annotations

import pytest

from cab_tasks.context import steps_before
from cab_tasks.model import Failure
from cab_tasks.symptoms import Symptom, symptom_of, symptoms_of

PYTEST_EQ = Failure(
    "AssertionError",
    "assert '1.0 kB' == '1 kB'\n  - 1 kB\n  + 1.0 kB",
    statement='assert size(1000) == "1 kB"',
)


@pytest.mark.parametrize(
    ("failure", "symptom"),
    [
        (PYTEST_EQ, Symptom("size(1000)", expected="'1 kB'", got="'1.0 kB'")),
        (
            Failure("AssertionError", "assert 3 == 2", statement="assert 3 == f(1)"),
            Symptom("f(1)", expected="3", got="2"),
        ),
        (
            Failure("AssertionError", "5 != 1", statement="self.assertEqual(calls(), 1)"),
            Symptom("calls()", expected="1", got="5"),
        ),
        (
            Failure("KeyError", "KeyError: 'x'", statement="value = table.get('x')"),
            Symptom("table.get('x')", error="KeyError: 'x'"),
        ),
        (
            Failure("Failed", "DID NOT RAISE <class 'ValueError'>", statement="parse('x')"),
            Symptom("parse('x')", error="DID NOT RAISE <class 'ValueError'>"),
        ),
        (
            Failure(
                "panic",
                "assertion `left == right` failed\n  left: 5\n right: 1",
                statement="assert_eq!(calls.get(), 1);",
            ),
            Symptom("calls.get()", expected="1", got="5"),
        ),
        (
            Failure(
                "panic",
                "assertion `left == right` failed\n  left: Ok(1)\n right: Err(Unbalanced(2))",
                statement="assert_eq!(entry, Err(LedgerError::Unbalanced(2)));",
            ),
            Symptom("entry", expected="Err(Unbalanced(2))", got="Ok(1)"),
        ),
        (
            Failure(
                "panic",
                "assertion `left == right` failed\n  left: [((2024, 3), 5)]\n right: []",
                statement="assert_eq!(months, [((2024, 1), 90_000u64)]);",
            ),
            Symptom("months", expected="[]", got="[((2024, 3), 5)]"),
        ),
        (
            Failure(
                "panic",
                "assertion `left == right` failed\n  left: Ok(5)\n right: Ok(6)",
                statement='assert_eq!(Ok(5), parse("f(x)"));',
            ),
            Symptom('parse("f(x)")', expected="Ok(5)", got="Ok(6)"),
        ),
        (
            Failure("panic", "assertion failed: is_empty(&[1, 2])",
                    statement="assert!(is_empty(&[1, 2]), \"a, b\");"),
            Symptom("is_empty(&[1, 2])", expected="true", got="false"),
        ),
        (
            Failure("panic", "index out of bounds: the len is 1", statement="let a = f(3);"),
            Symptom("let a = f(3);", error="panic: index out of bounds: the len is 1"),
        ),
    ],
)  # fmt: skip
def test_symptom_tells_what_was_called_expected_and_got(failure: Failure, symptom: Symptom) -> None:
    assert symptom_of(failure) == symptom


def test_symptoms_of_one_parametrised_test_come_after_one_of_each() -> None:
    failures = {
        "t.py::a[1]": Failure("KeyError", "KeyError: 1", statement="a(1)"),
        "t.py::a[2]": Failure("KeyError", "KeyError: 2", statement="a(2)"),
        "t.py::b": Failure("KeyError", "KeyError: 3", statement="b(3)"),
    }

    told, more = symptoms_of(failures, {})

    assert [symptom.call for symptom in told] == ["a(1)", "b(3)", "a(2)"]
    assert more == 0


def test_symptoms_beyond_the_limit_are_counted() -> None:
    failures = {f"t::{n}": Failure("E", f"E: {n}", statement=f"f({n})") for n in range(25)}

    told, more = symptoms_of(failures, {})

    assert (len(told), more) == (20, 5)


PYTHON_TEST = b"""
def test_dates():
    unrelated = compute()
    text = "9"
    r = parse(
        "{dt:%j}",
        text,
    )
    r.check()
    assert r.named["dt"] == date(2023, 1, 9)
"""

RUST_TEST = b"""
#[test]
fn sums() {
    let other = 3;
    let mut stock = Stock::new();
    stock.add("tea", 2);
    assert_eq!(stock.total(), 2);
}
"""


@pytest.mark.parametrize(
    ("path", "source", "failure", "steps"),
    [
        (
            "t.py",
            PYTHON_TEST,
            Failure("KeyError", "KeyError: 'dt'", "t.py", 10,
                    'assert r.named["dt"] == date(2023, 1, 9)'),
            ('text = "9"', 'r = parse( "{dt:%j}", text, )', "r.check()"),
        ),
        (
            "t.rs",
            RUST_TEST,
            Failure("panic", "", "t.rs", 7, "assert_eq!(stock.total(), 2);"),
            ("let mut stock = Stock::new();", 'stock.add("tea", 2);'),
        ),
        ("t.py", b"def test():\n    assert f(1) == 2\n",
         Failure("AssertionError", "", "t.py", 2, "assert f(1) == 2"), ()),
        ("t.py", b"", Failure("E", "", "other.py", 3, "f(1)"), ()),
    ],
)  # fmt: skip
def test_steps_lead_to_what_the_failing_statement_looks_at(
    path: str, source: bytes, failure: Failure, steps: tuple[str, ...]
) -> None:
    assert steps_before(failure, {path: source}) == steps


def test_symptom_is_told_without_steps_that_may_not_be_told() -> None:
    failures = {"t.py::test_dates": Failure(
        "AssertionError", "assert 1 == 2", "t.py", 10, 'assert r.named["dt"] == date(2023, 1, 9)'
    )}  # fmt: skip

    whole, _ = symptoms_of(failures, {"t.py": PYTHON_TEST})
    bare, _ = symptoms_of(failures, {"t.py": PYTHON_TEST}, lambda text: "text" not in text)
    none, _ = symptoms_of(failures, {"t.py": PYTHON_TEST}, lambda text: False)

    assert whole[0].call.splitlines()[0] == 'text = "9"'
    assert bare[0].call == 'r.named["dt"]'
    assert none == ()
