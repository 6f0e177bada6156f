"""
Attempts: what they may change, what is left out, what is a finding; none can break the judge.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
from typing import TYPE_CHECKING

import pytest
from bundles import write, write_bundle
from suite_runs import python_environment, rust_environment

from cab_tasks import workspace
from cab_tasks.attempt import AttemptError, Changed, changed_files
from cab_tasks.bundle import Bundle, read_bundle
from cab_tasks.judge import Judgement, Setting, Verdict, judge, judge_folder
from cab_tasks.laying import lay_tree
from cab_tasks.model import Environment, RunEnd
from cab_tasks.patch import apply_patch
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEST = "tests/test_sums.py"
PROTECTED = "protected, but the attempt changed it"
SETTING = Setting(python_environment(), None, Policy.AUTO)
SHADOW = "would be imported instead of a test"
IN_PLACE = "stands in the place of a file that stays"


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return read_bundle(write_bundle(tmp_path))


@pytest.fixture
def rust(tmp_path: Path) -> Bundle:
    return read_bundle(write_bundle(tmp_path / "rust", "rust"))


@pytest.fixture
def folder(bundle: Bundle, tmp_path: Path) -> Path:
    """
    What an agent starts in, to be changed.
    """
    workspace.copy_tree(bundle.workdir, tmp_path / "attempt")
    return tmp_path / "attempt"


def laid(bundle: Bundle, folder: Path) -> tuple[list[str], Path]:
    tree = folder.parent / "tree"
    return lay_tree(bundle, changed_files(bundle.workdir, folder), tree), tree


def judged(bundle: Bundle, folder: Path) -> Judgement:
    return judge_folder(bundle, folder, SETTING)


def mend(bundle: Bundle, folder: Path) -> None:
    for path, data in apply_patch(bundle.fix(), bundle.source).items():
        (folder / path).write_bytes(data or b"")


def compiled(source: str, flags: int) -> bytes:
    code = marshal.dumps(compile(source, "test_sums.py", "exec"))
    return importlib.util.MAGIC_NUMBER + flags.to_bytes(4, "little") + bytes(8) + code


ALWAYS_GREEN = """
def test_total_of_nothing(): pass
def test_total_of_two_numbers(): pass
def test_mean_of_one(): pass
def test_mean_of_two(): pass
"""


def test_right_attempt_passes_with_the_caches_that_its_runs_left(
    bundle: Bundle, folder: Path
) -> None:
    mend(bundle, folder)
    write(folder / "src/__pycache__/sums.cpython-311.pyc", compiled("x = 1", 0))
    write(folder / "tests/__pycache__/test_sums.cpython-311.pyc", compiled("x = 1", 0b11))
    write(folder / ".pytest_cache/README.md", b"cache")
    write(folder / ".git/hooks/post-checkout", b"touch ran")
    write(folder / "tests/test_own.py", b"def test_own():\n    assert True\n")

    made = judged(bundle, folder)

    assert (made.verdict, made.broken, made.findings) == (Verdict.PASS, {}, ())


def test_forged_compiled_tests_do_not_pass(bundle: Bundle, folder: Path) -> None:
    path = importlib.util.cache_from_source(TEST)
    write(folder / path, compiled(ALWAYS_GREEN, 0b01))
    write(folder / "src/sums.pyc", compiled("x = 1", 0))

    made = judged(bundle, folder)

    assert made.verdict is Verdict.TAMPERED
    assert sorted(made.broken.values()) == ["failed", "failed"]
    assert made.findings == (
        "src/sums.pyc: a compiled file in the place of a source",
        f"{path}: a compiled file that hides from the check against its source",
    )


def test_interpreter_itself_checks_compiled_files(bundle: Bundle, tmp_path: Path) -> None:
    root = bundle.root
    write(root / "workdir" / importlib.util.cache_from_source("src/sums.py"),
          compiled("total = mean = lambda numbers: 0", 0b01))  # fmt: skip

    made = judge(read_bundle(root), {}, SETTING)

    assert sorted(made.broken) == [f"{TEST}::test_total_of_nothing",
                                   f"{TEST}::test_total_of_two_numbers"]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "src/conftest.py",
             "sitecustomize.py", "tox.ini"],
)  # fmt: skip
def test_configuration_is_protected_whatever_the_manifest_says(
    bundle: Bundle, folder: Path, name: str
) -> None:
    write(folder / name, b"[pytest]\naddopts = -x\n")

    findings, tree = laid(bundle, folder)

    assert findings == [f"{name}: {PROTECTED}"]
    assert not (tree / name).exists()


def test_configuration_that_the_fix_is_about_may_be_changed(bundle: Bundle, folder: Path) -> None:
    manifest = bundle.manifest.model_copy(update={"ground_truth_files": ("setup.cfg",)})
    write(folder / "setup.cfg", b"[metadata]\n")

    findings, tree = laid(Bundle(bundle.root, manifest, bundle.tests), folder)

    assert findings == []
    assert (tree / "setup.cfg").read_bytes() == b"[metadata]\n"


def file_to_folder(folder: Path) -> None:
    (folder / "README.md").unlink()
    write(folder / "README.md/deep/x.md", b"x")


def folder_to_file(folder: Path) -> None:
    (folder / "src/sums.py").unlink()
    (folder / "src").rmdir()
    write(folder / "src", b"x")


def file_to_link(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to("LICENSE")


def folder_to_link(folder: Path) -> None:
    (folder / "src").rename(folder / "lib")
    (folder / "src").symlink_to("lib")


def new_mode(folder: Path) -> None:
    (folder / "README.md").chmod(0o755)


@pytest.mark.parametrize(
    ("change", "path", "entry"),
    [
        (file_to_folder, "README.md/deep/x.md", (0o100644, b"x")),
        (folder_to_file, "src", (0o100644, b"x")),
        (file_to_link, "README.md", (0o120000, b"LICENSE")),
        (folder_to_link, "src", (0o120000, b"lib")),
        (new_mode, "README.md", (0o100755, b"# sums\n")),
    ],
)
def test_judged_tree_is_what_the_attempt_made_of_it(
    bundle: Bundle,
    folder: Path,
    change: Callable[[Path], None],
    path: str,
    entry: tuple[int, bytes],
) -> None:
    change(folder)

    findings, tree = laid(bundle, folder)

    assert findings == []
    assert workspace.read(tree, path) == entry
    own = {name for name in workspace.paths(tree) if not name.startswith("tests/")}
    assert own == {name for name in workspace.paths(folder) if not name.startswith("tests/")}


def tests_become_a_file(folder: Path) -> None:
    (folder / TEST).unlink()
    (folder / "tests").rmdir()
    write(folder / "tests", b"x")


def tests_become_a_link(folder: Path) -> None:
    (folder / "tests").rename(folder / "moved")
    (folder / "tests").symlink_to("moved")


def test_becomes_a_package(folder: Path) -> None:
    write(folder / "tests/test_sums/__init__.py", ALWAYS_GREEN.encode())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (tests_become_a_file, [f"tests: {IN_PLACE}", f"{TEST}: {PROTECTED}"]),
        (tests_become_a_link, [f"tests: {IN_PLACE}", f"{TEST}: {PROTECTED}"]),
        (test_becomes_a_package, [f"tests/test_sums/__init__.py: {SHADOW}"]),
    ],
)
def test_tests_stay_where_they_are(
    bundle: Bundle, folder: Path, change: Callable[[Path], None], expected: list[str]
) -> None:
    change(folder)

    findings, tree = laid(bundle, folder)

    assert findings == expected
    assert workspace.paths(tree / "tests") == ("test_sums.py",)
    assert (tree / TEST).read_bytes() == bundle.read(f"hidden/tests/{TEST}")


@pytest.mark.parametrize("name", ["test_sums/__init__.py", "test_sums.cpython-311-x.so"])
def test_nothing_is_imported_instead_of_a_test(bundle: Bundle, name: str, tmp_path: Path) -> None:
    tests = bundle.manifest.tests.model_copy(update={"protected": ("test_*.py",)})
    manifest = bundle.manifest.model_copy(update={"tests": tests})
    loose = Bundle(bundle.root, manifest, bundle.tests)

    findings = lay_tree(loose, {f"tests/{name}": b"x", "src/fast.so": b"y"}, tmp_path / "tree")

    assert findings == [f"tests/{name}: would be imported instead of a test"]
    assert (tmp_path / "tree/src/fast.so").read_bytes() == b"y"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "loop/../../../.."])
def test_link_out_of_the_tree_is_a_finding(bundle: Bundle, folder: Path, target: str) -> None:
    (folder / "out").symlink_to(target)
    (folder / "loop").symlink_to("src")

    findings, tree = laid(bundle, folder)

    assert len(findings) == 1
    assert findings[0].startswith("out: a link that leads out of the tree")
    assert not os.path.lexists(tree / "out")
    assert (tree / "loop").is_symlink()


def test_links_out_of_the_tree_over_each_other_are_a_finding(bundle: Bundle, folder: Path) -> None:
    (folder / "a/b").mkdir(parents=True)
    (folder / "a/b/up").symlink_to("../..")
    (folder / "out").symlink_to("a/b/up/a/b/up/../x")

    findings, tree = laid(bundle, folder)

    assert findings == ["out: a link that leads out of the tree"]
    assert not os.path.lexists(tree / "out")


def deep(folder: Path, levels: int) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("x", os.O_CREAT, dir_fd=here))
    os.close(here)


def remove_deep(folder: Path) -> None:
    # Level by level from the top: no path to its end is short enough.
    while (folder / "d").is_dir():
        (folder / "d").rename(folder / "top")
        if (folder / "top/d").is_dir():
            (folder / "top/d").rename(folder / "d")
        (folder / "top/x").unlink(missing_ok=True)
        (folder / "top").rmdir()


@pytest.mark.parametrize("levels", [600, 1500, 3000])
def test_very_deep_attempt_is_tampered(bundle: Bundle, folder: Path, levels: int) -> None:
    deep(folder, levels)

    made = judged(bundle, folder)
    remove_deep(folder)

    assert (made.verdict, made.run.end) == (Verdict.TAMPERED, RunEnd.LIMIT)
    assert made.findings[0].startswith("the attempt")
    assert set(made.broken) == set(bundle.tests.must_pass())


def test_very_large_attempt_is_tampered(bundle: Bundle, folder: Path) -> None:
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(AttemptError, match="too large"):
        changed_files(bundle.workdir, folder)

    assert judged(bundle, folder).verdict is Verdict.TAMPERED


def test_pipes_are_not_waited_for(bundle: Bundle, folder: Path) -> None:
    (folder / "src/sums.py").unlink()
    os.mkfifo(folder / "src/sums.py")

    assert changed_files(bundle.workdir, folder) == {"src/sums.py": None}


def test_build_output_is_left_out_unless_the_task_has_such_a_folder(
    bundle: Bundle, folder: Path
) -> None:
    write(folder / "target/debug/x", b"x")
    write(folder / "venv/bin/python", b"x")

    without = changed_files(bundle.workdir, folder)
    write(bundle.workdir / "src/target/__init__.py", b"")
    with_one = changed_files(bundle.workdir, folder)

    assert without == {}
    assert with_one == {"src/target/__init__.py": None, "target/debug/x": Changed(0o100644, b"x")}


HALF = b"pub fn half(number: u32) -> u32 {\n    number / 2\n}\n\n"
NOTHING = b"($($any:tt)*) => {{ let _ = half; }};"

SHADOWS = {
    "definition": b"macro_rules! assert_eq { " + NOTHING + b" }\n",
    "raw name": b"macro_rules!   r#assert_eq { " + NOTHING + b" }\n",
    "comment before": b"macro_rules /* /* */ */ ! assert_eq { " + NOTHING + b" }\n",
    "written by a macro": b"macro_rules! m { ($n:ident) => { macro_rules! $n { () => {} } } }\n",
    "renamed": b"use core::debug_assert as assert_eq;\n",
    "renamed in braces": b"use core::{debug_assert as r#assert };\n",
    "renamed after a comment": b"use core::debug_assert as/**/assert_eq;\n",
    "attribute": b"#![no_implicit_prelude]\n",
    "condition": b"# ! [cfg_attr(test, no_std)]\n",
}
HARMLESS = {
    "other macro": b"macro_rules! double { ($n:expr) => { $n * 2 } }\n",
    "lint": b"#![allow(dead_code)]\n",
    "prose": b"// as panic would, macros assert_eq! and debug_assert! are as they were\n",
    "use": b"use std::fmt as formatting;\n",
}


@pytest.mark.parametrize("text", SHADOWS.values(), ids=SHADOWS)
@pytest.mark.parametrize("path", ["src/lib.rs", "src/other.rs"])
def test_words_of_rust_tests_keep_their_meaning(
    rust: Bundle, tmp_path: Path, path: str, text: bytes
) -> None:
    findings = lay_tree(rust, {"src/lib.rs": HALF, path: text + HALF}, tmp_path / "tree")

    told = [finding for finding in findings if "cannot be put back" not in finding]
    assert len(told) == 1
    assert told[0].startswith(f"{path}: changes what the tests' code means: ")


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_other_macros_and_lints_are_no_finding(rust: Bundle, tmp_path: Path, text: bytes) -> None:
    lock = b"version = 4\n"  # as an honest build leaves it

    findings = lay_tree(rust, {"src/lib.rs": text + HALF, "Cargo.lock": lock}, tmp_path / "tree")

    assert findings == []
    assert not (tmp_path / "tree/Cargo.lock").exists()


def test_macros_that_the_task_has_already_are_no_finding(rust: Bundle, tmp_path: Path) -> None:
    lib = rust.workdir / "src/lib.rs"
    lib.write_bytes(SHADOWS["definition"] + lib.read_bytes())

    findings = lay_tree(rust, {"src/lib.rs": SHADOWS["definition"] + HALF}, tmp_path / "tree")

    assert findings == []


def test_hostile_text_is_searched_at_once(rust: Bundle, tmp_path: Path) -> None:
    text = (
        b"as/**//**/" * 20_000 + b"# " * 50_000 + b"macro_rules " * 20_000 + b"as" + b" " * 99_999
    )

    findings = lay_tree(rust, {"src/lib.rs": HALF, "notes.txt": text}, tmp_path / "tree")

    assert findings


@pytest.mark.parametrize(
    "text",
    [b"mod a {" * 5000 + b"}" * 5000, b"{" * 100_000, b"\0\xff" * 1000],
    ids=["modules", "braces", "bytes"],
)
def test_source_that_cannot_hold_its_tests_is_a_finding(
    rust: Bundle, tmp_path: Path, text: bytes
) -> None:
    findings = lay_tree(rust, {"src/lib.rs": text}, tmp_path / "tree")

    assert len(findings) == 1
    assert findings[0].startswith("src/lib.rs: its tests cannot be put back")


def test_source_with_tests_may_not_become_a_link(rust: Bundle, tmp_path: Path) -> None:
    attempt = {"src/lib.rs": Changed(0o120000, b"real.rs"), "src/real.rs": Changed(0o100644, HALF)}

    findings = lay_tree(rust, attempt, tmp_path / "tree")

    assert findings == ["src/lib.rs: holds tests and is no plain file"]


def test_macros_of_an_attempt_do_not_pass_its_tests(rust: Bundle, tmp_path: Path) -> None:
    plain = rust_environment(tmp_path)
    lock = b'version = 4\n\n[[package]]\nname = "halves"\nversion = "0.1.0"\n'
    files = (("Cargo.lock", lock),)
    environment = Environment("rust", "own", plain.root, "rustc", files=files)
    setting = Setting(environment, None, Policy.AUTO)
    broken = rust.source("src/lib.rs") or b""

    cheat = judge(rust, {"src/lib.rs": SHADOWS["definition"] + broken}, setting)
    right = judge(rust, {"src/lib.rs": HALF}, setting)

    assert cheat.verdict is Verdict.TAMPERED
    assert (right.verdict, right.broken, right.findings) == (Verdict.PASS, {}, ())
