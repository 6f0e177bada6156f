"""
Which Rust tests an attempt could edit along with the code: those must decide nothing.
"""

from __future__ import annotations

from cab_tasks.hiding import unprotected_tests
from cab_tasks.model import SuiteSpec

SPEC = SuiteSpec("rust", "cargo", ("cargo", "test"), (), ("tests/**", "**/tests.rs"), ("src",))
FILES = {
    "src/lib.rs": b"pub mod count;\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod inner {\n"
    b"    #[test]\n    fn kept() {}\n    check!(made);\n}\n",
    "src/tests.rs": b"#[test]\nfn apart() {}\n",
    "src/count.rs": b"#[test]\nfn single() {}\n#[cfg(test)]\nmod more {\n    #[test]\n"
    b"    fn kept() {}\n}\ncheck!(made, 3);\n",
    "tests/api.rs": b"#[test]\nfn whole() {}\n",
}
KEPT = (
    "pkg inner::kept",
    "pkg inner::made",
    "pkg tests::apart",
    "pkg count::more::kept",
    "pkg::api whole",
    "pkg::api made",
    "pkg::doc src/lib.rs - double #1",
)


def test_single_and_macro_made_tests_in_product_code_are_unprotected() -> None:
    opened = ("pkg count::single", "pkg count::made")
    assert unprotected_tests(SPEC, FILES, (*KEPT, *opened)) == opened


def test_python_has_its_tests_in_files_of_their_own() -> None:
    spec = SuiteSpec("python", "pytest", ("pytest",), (), ("tests/**",), ("src",))
    assert (
        unprotected_tests(spec, {"src/a.py": b"def test_a(): pass\n"}, ["src/a.py::test_a"]) == ()
    )
