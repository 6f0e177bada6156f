"""
Switches in Rust source: where each edit is held, what its copy says, and that all of it builds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mutators.base import Edit
from mutators.rust._switch import Level, Switch, Woven, runtime, weave

if TYPE_CHECKING:
    from pathlib import Path

TICK = " crate::__cab::tick(); "


def edit(text: str, old: str, new: str) -> Edit:
    assert text.count(old) == 1
    return Edit(text.encode().index(old.encode()), old.encode(), new.encode())


def woven(text: str, *edits: tuple[str, str], level: Level = Level.HOLDER) -> Woven:
    """
    Each pair (old, new) is a mutant, numbered from 1.
    """
    switches = [Switch(at, (edit(text, *pair),), level) for at, pair in enumerate(edits, 1)]
    return weave(text.encode(), switches)


def switched(text: str, *edits: tuple[str, str]) -> str:
    """
    As woven, without ticks.
    """
    result = woven(text, *edits)
    assert result.refused == {}
    return result.data.decode().replace(TICK, "")


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        pytest.param(
            "fn f() { let x = a + b; g(x) }", "a + b", "a - b",
            "fn f() { let x =  if crate::__cab::on(1) { a - b } else { a + b }; g(x) }",
            id="value of a let",
        ),
        pytest.param(
            "fn f() { let Some(x) = a(1) else { return }; g(x) }", "1", "2",
            "fn f() { let Some(x) =  (if crate::__cab::on(1) { a(2) } else { a(1) }) "
            "else { return }; g(x) }",
            id="value of a let with an else",
        ),
        pytest.param(
            "fn f() { if a < b { g() } }", "<", "<=",
            "fn f() { if  if crate::__cab::on(1) { a <= b } else { a < b } { g() } }",
            id="condition",
        ),
        pytest.param(
            "fn f() { if let Some(a) = b && a < 3 { g() } h(); }", "<", "<=",
            "fn f() {  if crate::__cab::on(1) { if let Some(a) = b && a <= 3 { g() } } "
            "else { if let Some(a) = b && a < 3 { g() } } h(); }",
            id="condition with a let: the statement",
        ),
        pytest.param(
            "fn f() -> u8 { match a { b if b > 1 => 7, _ => 8 } }", "b > 1", "b >= 1",
            "fn f() -> u8 { match a { b if  if crate::__cab::on(1) { b >= 1 } else { b > 1 } => 7, "
            "_ => 8 } }",
            id="guard",
        ),
        pytest.param(
            "fn f() -> u8 { match a { 1 => 7, _ => 8 } }", "7", "9",
            "fn f() -> u8 { match a { 1 =>  if crate::__cab::on(1) { 9 } else { 7 }, _ => 8 } }",
            id="value of an arm",
        ),
        pytest.param(
            "fn f() { a.push(1); b() }", "a.push(1);", "",
            "fn f() {  if crate::__cab::on(1) {  } else { a.push(1); } b() }",
            id="statement",
        ),
        pytest.param(
            "fn f() { let a = g(); let b = h(); i(a, b) }",
            "let a = g(); let b = h();", "let b = h(); let a = g();",
            "fn f() {  if crate::__cab::on(1) { let b = h(); let a = g(); i(a, b) } "
            "else { let a = g(); let b = h(); i(a, b) } }",
            id="statements that others stand on: to the end of the block",
        ),
        pytest.param(
            "fn f() -> u8 { return a + 1; }", "+", "-",
            "fn f() -> u8 { return  if crate::__cab::on(1) { a - 1 } else { a + 1 }; }",
            id="operand of return",
        ),
        pytest.param(
            "fn f() { let ref x = self.a; g(x) }", "self.a", "self.b",
            "fn f() {  if crate::__cab::on(1) { let ref x = self.b; g(x) } "
            "else { let ref x = self.a; g(x) } }",
            id="a place that is bound by ref is no value",
        ),
        pytest.param(
            "fn f() -> u8 { if a { return 1; } return 2; }", "return 2;", "",
            "fn f() -> u8 { if crate::__cab::on(1) { if a { return 1; } } "
            "else { if a { return 1; } return 2; } }",
            id="trap 9: what leaves at the end of a block is not made to fall through it",
        ),
        pytest.param(
            "fn f() -> bool { a && b && c }", "a &&", "a ||",
            "fn f() -> bool {  if crate::__cab::on(1) { a || b && c } else { a && b && c } }",
            id="trap 2: the whole expression, as the edited source has it",
        ),
    ],
)  # fmt: skip
def test_an_edit_is_held_by_the_smallest_code_that_may_stand_in_an_if(
    text: str, old: str, new: str, after: str
) -> None:
    result = switched(text, (old, new)).replace("{" + TICK.lstrip(), "{ ")

    assert squeezed(result) == squeezed(after)


def test_mutants_of_one_holder_make_one_chain() -> None:
    text = "fn f() { let x = a + b; }"

    result = switched(text, ("a + b", "a - b"), ("+ b", "* b"), ("b;", "c;"))

    assert squeezed(result) == (
        "fn f() { let x = if crate::__cab::on(1) { a - b } "
        "else if crate::__cab::on(2) { a * b } "
        "else if crate::__cab::on(3) { a + c } else { a + b }; }"
    )


def test_holders_nest_in_the_original_alone() -> None:
    text = "fn f() { for i in 0..n { g(i + 1); } }"

    result = switched(text, ("0..n", "1..n"), ("i + 1", "i - 1"))

    assert result.count("i - 1") == 1
    assert result.count("1..n") == 1
    assert result.endswith(
        "else {  for i in 0..n {  if crate::__cab::on(2) { g(i - 1); } else { g(i + 1); } } } }"
    )


def test_lines_stay_and_copies_stand_on_one() -> None:
    text = (
        "fn f() {\n    g(\n        // one\n        1, /* two */\n"
        '        "a // b\n c", r#"d "\n\\e"#, "f \\\n   g",\n    );\n    h();\n}\n'
    )

    result = woven(text, ("1, /*", "7, /*")).data.decode()

    assert result.count("\n") == text.count("\n")
    assert '{ g( 7, "a // b\\n c", "d \\"\\n\\\\e", "f g", ); } else {' in squeezed(result)
    assert result.split("\n")[3:6] == text.split("\n")[3:6]


def test_loops_functions_and_closures_burn_fuel_in_copies_too() -> None:
    text = "fn f() { while a { b(|x| x + 1); } }"

    result = woven(text, ("{ b(", "{ c(); b(")).data.decode()

    assert result.count("crate::__cab::tick();") == 4
    assert result.count("|x| { crate::__cab::tick(); x + 1 }") == 2


def test_spans_are_of_the_woven_text() -> None:
    text = "fn f() { let x = a + b; }\nfn g() -> u8 { 1 }"

    result = woven(text, ("a + b", "a - b"), ("+ b", "* b"), ("1 }", "2 }"))

    copies = [result.data[one.start : one.end] for one in result.copies]
    assert copies == [b"{ a - b }", b"{ a * b }", b"{ 2 }"]
    assert [one.ids for one in result.copies] == [(1,), (2,), (3,)]
    assert [one.ids for one in result.holders] == [(1, 2), (3,)]
    held = result.data[result.holders[0].start : result.holders[0].end]
    assert held.startswith(b" if crate::__cab::on(1)")
    assert held.endswith(b"else { a + b }")
    functions = [result.data[one.start : one.end] for one in result.functions]
    assert [text[:7] for text in functions] == [b"fn f() ", b"fn g() "]
    assert functions[0].endswith(b"}; }")


def test_a_mutant_may_have_several_edits() -> None:
    text = "fn f() { a(1); b(2); c(3); }"
    both = (edit(text, "1", "8"), edit(text, "2", "9"))

    result = weave(text.encode(), [Switch(5, both)]).data.decode().replace(TICK, "")

    assert "{ a(8); b(9); c(3); } else {  a(1); b(2); c(3); }" in result


def test_a_whole_body_is_the_next_level() -> None:
    text = "fn f() -> u8 { let x = a + b; x }"

    result = woven(text, ("a + b", "a - b"), level=Level.BODY).data.decode()

    assert squeezed(result) == (
        "fn f() -> u8 { crate::__cab::tick(); if crate::__cab::on(1) { let x = a - b; x } "
        "else { let x = a + b; x } }"
    )


def test_a_holder_that_is_the_whole_body_is_told() -> None:
    text = "fn f() -> u8 { let x = a + b; x }"

    result = woven(text, ("let x = a + b; x", "3"), ("a + b", "a - b"))

    assert result.whole == {1}


def test_an_iterator_may_have_two_types() -> None:
    text = "fn f() -> impl Iterator<Item = (u8, u8)> + 'a { let n = 1; a(n).b(g) }"

    result = switched(text, ("a(n).b(g)", "c(2)"))

    assert squeezed(result).endswith(
        "let n = 1; if crate::__cab::on(1) { crate::__cab::left::<(u8, u8), _, _>({ c(2) }) } "
        "else { crate::__cab::right::<(u8, u8), _, _>({ a(n).b(g) }) } }"
    )


def test_closures_return_for_themselves() -> None:
    text = "fn f() -> impl Iterator<Item = u8> { a(|| { return b; }) }"

    assert "crate::__cab::left::<u8, _, _>({ c() })" in switched(
        text, ("a(|| { return b; })", "c()")
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("fn f() -> Vec<u8> { a() }", id="one type"),
        pytest.param("fn f() -> impl Fn(u8) -> u8 { a() }", id="no iterator"),
        pytest.param("fn f() -> impl Iterator<Item = u8> + Own { a() }", id="a bound of its own"),
        pytest.param(
            "fn f() -> impl Iterator<Item = u8> { if b { return c; } a() }", id="another end"
        ),
        pytest.param("fn f() -> impl Iterator<Item = u8> { a(); c }", id="not the value"),
        pytest.param("fn f() -> impl Iterator<Item = impl Copy> { a() }", id="no named item"),
    ],
)
def test_other_values_have_one_type(text: str) -> None:
    assert "left" not in switched(text, ("a()", "d()"))


def test_a_copy_that_returns_has_the_type_of_the_original() -> None:
    text = "fn f() -> impl Iterator<Item = u8> { a() }"

    assert "left" not in switched(text, ("a()", "return a()"))


def test_the_last_level_is_a_probe() -> None:
    result = woven("fn f() { a() }", ("a()", "b()"), level=Level.PROBE)

    assert result.data == b"fn f() { crate::__cab::tick();  crate::__cab::on(1);  a() }"
    assert result.probed == {1}


@pytest.mark.parametrize(
    ("text", "old", "why"),
    [
        ("const fn f() -> u8 { 1 }", "1", "in a const fn"),
        ("static A: u8 = 1;", "1", "in a static_item"),
        ("fn f() { const A: u8 = 1; }", "1", "in a const_item"),
        ("fn f() { let a = [0; 1]; }", "1", "in the length of an array"),
        ("fn f() { let a: [u8; 1] = b; }", "1", "in a array_type"),
        ("fn f(a: [u8; 1]) { }", "1", "in a array_type"),
        ("fn f() { a::<1>() }", "1", "in a type_arguments"),
        ("fn f() { assert!(a == 1) }", "1", "in a macro_invocation"),
        ("macro_rules! m { () => { 1 } }", "1", "in a macro_definition"),
        ("#[a(1)] fn f() { }", "1", "in a attribute_item"),
        ("enum A { B = 1 }", "1", "in a enum_item"),
        ("fn f() -> A<1> { }", "1", "in a type_arguments"),
        ("fn f() { (", "(", "syntax not understood near line 1"),
    ],
)
def test_const_contexts_macros_and_heads_are_refused(text: str, old: str, why: str) -> None:
    at = text.encode().rindex(old.encode())

    result = weave(text.encode(), [Switch(1, (Edit(at, old.encode(), b"2"),))])

    assert result.refused == {1: why}


def test_test_code_gets_nothing() -> None:
    text = b"#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() { loop { } }\n}\n"

    assert weave(text, ()).data == text


SAMPLE = """\
#![forbid(unsafe_code, unused)]
#![deny(warnings, missing_docs)]
//! Sample.

/// Adds.
pub fn sum(items: &[u32]) -> Result<u32, String> {
    #![allow(unused_variables)]
    let mut sum = 0;
    for item in items {
        match item {
            0 => continue,
            n if *n > 9 => return Err(format!("{}", n)),
            _ => sum += items.iter().map(|x| x + item).max().unwrap_or_else(|| 7),
        }
    }
    let checked: u32 = sum.to_string().parse().map_err(|_| String::new())?;
    Ok(checked)
}

/// Backwards.
pub fn turned(items: &[u32]) -> impl ExactSizeIterator<Item = u32> + Clone + '_ {
    items.iter().rev().map(|x| x + 1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn turns() {
        let all = super::turned(&[1, 2]);
        assert_eq!((all.len(), all.clone().next(), all.sum::<u32>()), (2, Some(3), 5));
    }
    #[test]
    fn adds() {
        assert_eq!(super::sum(&[0, 1, 5]), Ok(16));
    }
    #[test]
    fn refuses() {
        assert_eq!(super::sum(&[10]), Err("10".to_string()));
    }
}
"""


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
@pytest.mark.parametrize("edition", ["2018", "2024"])
def test_one_build_holds_all_mutants(tmp_path: Path, edition: str) -> None:
    result = woven(
        SAMPLE, ("0 => continue", "1 => continue"), ("*n > 9", "*n >= 9"), ("*n > 9", "*n > 10"),
        ("max()", "min()"), ("let mut sum = 0", "let mut sum = 1"),
        ("        match item {", "        loop { }\n        match item {"), ("rev().", ""),
        ("items.iter().rev().map(|x| x + 1)", "::std::iter::once(Default::default())"),
    )  # fmt: skip
    (tmp_path / "lib.rs").write_bytes(result.data + runtime(9))
    build = ["rustc", "--test", "--cap-lints=warn", "--edition", edition, "-o", "suite", "lib.rs"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    notes = tmp_path / "notes"

    def failing(active: object, fuel: str = "10000 9000") -> list[str]:
        variables = {"CAB_MUT": str(active), "CAB_FUEL": fuel, "CAB_TRACE": str(notes)}
        done = subprocess.run(
            ["./suite", "--test-threads=1"], cwd=tmp_path, env={**os.environ, **variables},
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        names = ("adds", "refuses", "turns")
        return [name for name in names if f"tests::{name} ... FAILED" in done.stdout]

    assert result.refused == {}
    assert [failing(number) for number in (0, 1, 2, 3, 4, 5, 7, 8)] == [
        [], ["adds"], [], ["refuses"], ["adds"], ["adds"], ["turns"], ["turns"],
    ]  # fmt: skip
    assert not notes.exists()
    assert failing(6) == ["adds", "refuses"]
    assert notes.read_text().split("\n") == ["f tests::adds", "f tests::refuses", ""]
    assert failing("!2") == ["adds", "refuses"]
    assert failing(6, "10000 10000") == ["adds", "refuses", "turns"]  # nothing left is not no limit
