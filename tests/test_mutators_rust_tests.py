"""
Tests in Rust source: found, cut, taken out module by module, and spliced back.
"""

from __future__ import annotations

import pytest

from mutators.base import Refusal
from mutators.rust.tests import (
    cut,
    doctests,
    has_macro_tests,
    infile_modules,
    splice,
    statement_at,
    without_module,
)
from mutators.rust.tests import (
    test_items as items_of,
)

PRODUCT = "pub fn one() -> u32 {\n    1\n}\n"
MODULE = """\
#[cfg(test)]
mod tests {
    use super::*;

    /// What one is.
    #[test]
    #[should_panic(expected = "x")]
    fn gives_one() {
        assert_eq!(one(), 1);
    }

    // A helper of both.
    fn both() {}

    mod deep {
        #[tokio::test(flavor = "current_thread")]
        async fn waits() {
            both();
        }
    }
}
"""
TEXT = (PRODUCT + "\n" + MODULE).encode()


def test_items_are_named_by_module_and_function() -> None:
    items = items_of(TEXT)

    assert not isinstance(items, Refusal)
    assert [item.names for item in items] == [("tests", "gives_one"), ("tests", "deep", "waits")]
    first = TEXT[items[0].start : items[0].end].decode()
    assert first.startswith("    /// What one is.\n")
    assert first.endswith("    }\n")


def test_cut_leaves_helpers_and_no_double_blank() -> None:
    left = cut(TEXT, [("tests", "gives_one")])

    assert isinstance(left, bytes)
    assert b"    use super::*;\n\n    // A helper of both.\n    fn both() {}\n" in left
    assert b"gives_one" not in left
    assert b"What one is" not in left
    assert isinstance(items_of(left), tuple)


def test_cut_of_all_tests_leaves_well_formed_source() -> None:
    left = cut(TEXT, [("tests", "gives_one"), ("tests", "deep", "waits")])

    assert isinstance(left, bytes)
    assert items_of(left) == ()
    assert left.endswith(b"    mod deep {\n    }\n}\n")


def test_cut_refuses_a_test_that_is_not_there() -> None:
    assert cut(TEXT, [("tests", "absent")]) == Refusal("no such test: tests::absent")


def test_infile_module_spans_attributes_and_is_taken_out_whole() -> None:
    found = infile_modules(TEXT)

    assert not isinstance(found, Refusal)
    assert [(names, TEXT[start:end].decode()) for names, start, end in found] == [
        (("tests",), MODULE)
    ]
    assert without_module(TEXT, ("tests",)) == PRODUCT.encode()


def test_module_in_the_middle_leaves_one_blank_line() -> None:
    text = f"{PRODUCT}\n{MODULE}\nfn two() {{}}\n".encode()

    assert without_module(text, ("tests",)) == f"{PRODUCT}\nfn two() {{}}\n".encode()


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (TEXT, TEXT),
        (PRODUCT.encode(), TEXT),
        (PRODUCT.rstrip("\n").encode(), TEXT),
        ((PRODUCT + "\n#[cfg(test)]\nmod tests {}\n").encode(), TEXT),
        ((PRODUCT + "\n#[cfg(any())]\nmod tests {}\n").encode(), TEXT),
        ((PRODUCT + "\nmod tests;\n").encode(), TEXT),
    ],
    ids=["untouched", "removed", "no line end", "emptied", "switched off", "moved away"],
)
def test_splice_restores_the_pristine_module(edited: bytes, expected: bytes) -> None:
    assert splice(edited, ("tests",), MODULE.encode()) == expected


def test_splice_refuses_two_modules_and_broken_source() -> None:
    twice = TEXT + b"#[cfg(not(test))]\nmod tests {}\n"

    assert splice(twice, ("tests",), MODULE.encode()) == Refusal("module tests is there 2 times")
    assert isinstance(splice(b"fn f( {", ("tests",), MODULE.encode()), Refusal)


def test_nested_module_is_spliced_into_its_parent() -> None:
    text = b"mod a {\n    #[cfg(test)]\n    mod tests {\n        fn x() {}\n    }\n}\n"
    pristine = b"    #[cfg(test)]\n    mod tests {\n        fn y() {}\n    }\n"

    assert splice(text, ("a", "tests"), pristine) == b"mod a {\n" + pristine + b"}\n"
    assert splice(b"mod b {}\n", ("a", "tests"), pristine) == Refusal("module a is gone")


def test_macro_made_tests_are_told() -> None:
    made = b"macro_rules! t {\n    ($n:ident) => {\n#[test] fn $n() {}\n    };\n}\n"

    assert not has_macro_tests(TEXT)
    assert has_macro_tests(made)
    assert has_macro_tests(b"quickcheck! { fn holds(x: u8) -> bool { true } }\n")


def test_doctests_are_named_as_rustdoc_names_them() -> None:
    text = b"""\
//! ```
//! crate_level();
//! ```

/// ```text
/// no code
/// ```
///
/// ```
/// # hidden();
/// shown();
/// ```
/// ```should_panic
/// second();
/// ```
#[inline]
pub fn f() {}

pub struct S;

impl S {
    /// ```rust
    /// method();
    /// ```
    pub fn m(&self) {}
}

mod deep {
    /** ```
     * starred();
     * ``` */
    pub fn g() {}
}
"""

    assert doctests(text, "src/lib.rs") == (
        ("", 0, "crate_level();", 1),
        ("f", 0, "hidden();\nshown();", 9),
        ("f", 1, "second();", 13),
        ("S::m", 0, "method();", 22),
        ("deep::g", 0, "starred();", 29),
    )


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        (3, "let x = f(\n        1,\n    );"),
        (6, "assert_eq!(\n        x,\n        2,\n    );"),
        (10, 'panic!("no");'),
        (13, "tail(x)"),
        (99, ""),
    ],
)
def test_statement_is_the_innermost_around_a_line(line: int, statement: str) -> None:
    text = b"""\
fn t() {
    let x = f(
        1,
    );
    assert_eq!(
        x,
        2,
    );
    if x > 1 {
        panic!("no");
    }

    tail(x)
}
"""

    assert statement_at(text, line) == statement
