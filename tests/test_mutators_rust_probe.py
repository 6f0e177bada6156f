"""
Probes in Rust source: woven code builds, does the same, and tells what was reached.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mutators.rust._probe import RUNTIME, weave_probes

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = b"""\
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]
//! Sample.

const fn fixed(n: u32) -> u32 {
    if n > 1 { n } else { 1 }
}

const LIMIT: u32 = fixed(3);

/// Counts.
pub fn count(items: &[u32]) -> Result<u32, String> {
    #![allow(unused_variables)]
    let unused = [0u8; { 2 + 1 }];
    let mut sum = 0;
    for item in items {
        match item {
            0 => continue,
            1 => sum += 1,
            2 => {
                return Err(String::from("two"));
            }
            _ => sum += items.iter().map(|x| x + LIMIT).max().unwrap_or_else(|| 7),
        }
    }
    if sum > 100 {
        sum = 100;
    }
    let checked: u32 = sum.to_string().parse().map_err(|_| String::new())?;
    Ok(checked)
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts() {
        assert_eq!(super::count(&[0, 1, 5]), Ok(9));
    }
}
"""


def test_test_code_constants_and_macros_get_no_probe() -> None:
    text = b"const A: u8 = { 1 };\nconst fn f() { 1 }\n#[test]\nfn t() { 2 }\nm! { fn g() { 3 } }\n"

    assert weave_probes(text, 0) == (text, ())


def test_source_that_is_not_understood_gets_no_probe() -> None:
    assert weave_probes(b"fn f( {", 5) == (b"fn f( {", ())


def test_probes_stand_for_spans_of_the_original() -> None:
    text = b"fn f() { if a { return; } b(|x| x); }\n"

    woven, spans = weave_probes(text, 7)

    assert [(number, text[start:end]) for number, start, end in spans] == [
        (7, b"{ if a { return; } b(|x| x); }"),
        (8, b"b(|x| x); }"),
        (9, b"{ return; }"),
        (10, b"x"),
    ]
    assert woven == (
        b"fn f() { crate::__cab_reach::hit(7);  if a { crate::__cab_reach::hit(9);  return; } "
        b" crate::__cab_reach::hit(8); b(|x| { crate::__cab_reach::hit(10); x }); }\n"
    )


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
@pytest.mark.parametrize("edition", ["2018", "2021"])
def test_woven_source_builds_and_tells_what_was_reached(tmp_path: Path, edition: str) -> None:
    woven, spans = weave_probes(SAMPLE, 0)
    (tmp_path / "lib.rs").write_bytes(woven + RUNTIME)
    subprocess.run(
        ["rustc", "--test", "--edition", edition, "-o", "suite", "lib.rs"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    environment = {**os.environ, "CAB_REACH": str(tmp_path / "reach")}

    subprocess.run(["./suite"], cwd=tmp_path, check=True, env=environment, capture_output=True)

    hit = [int(line) for line in (tmp_path / "reach").read_text().split()]
    missed = [SAMPLE[start:end] for number, start, end in spans if number not in hit]
    assert sorted(hit) == sorted(set(hit))
    assert [text.split()[0] for text in missed] == [b"{", b"7", b"{", b"String::new()"]
    assert b"two" in missed[0]
    assert b"sum = 100" in missed[2]
