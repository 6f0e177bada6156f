"""
Code kept by content: it is used, it is never stale, and warnings come as often as without it.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from pathlib import Path

import pytest
from suite_runs import LIMITS, outcomes, pytest_spec, run_python, unittest_spec, written

from cab_tasks.model import Environment, RunEnd
from cab_tasks.suite import Bytecode, run_suite

_SUM = "def plus(a, b):\n    return a + b\n"
_TEST = "from sums import plus\n\ndef test_sum():\n    assert plus(1, 2) == 3\n"
_WRONG = compile("raise RuntimeError('kept')", "kept", "exec")


def _tree(tmp_path: Path) -> Path:
    return written(tmp_path, src__sums=_SUM, tests__test_sums=_TEST)


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bytecode"
    folder.mkdir()
    return folder


def _replace_all(folder: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(marshal.dumps(_WRONG))


def test_kept_code_is_what_the_next_run_uses(tmp_path: Path) -> None:
    tree, folder = _tree(tmp_path), _folder(tmp_path)
    plain = run_python(tree, pytest_spec())

    first = run_python(tree, pytest_spec(), bytecode=Bytecode(folder, is_writable=True))
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    second = run_python(tree, pytest_spec(), bytecode=Bytecode(folder))

    assert outcomes(first) == outcomes(second) == outcomes(plain)
    assert len(kept) == 2  # the test as pytest rewrites it, the product as Python compiles it
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
    _replace_all(folder)
    poisoned = run_python(tree, pytest_spec(), bytecode=Bytecode(folder))
    assert "RuntimeError: kept" in poisoned.detail


def test_kept_code_is_of_these_very_bytes(tmp_path: Path) -> None:
    tree, folder = _tree(tmp_path), _folder(tmp_path)
    run_python(tree, pytest_spec(), bytecode=Bytecode(folder, is_writable=True))
    product, test = tree / "src/sums.py", tree / "tests/test_sums.py"
    before = [path.stat() for path in (product, test)]

    product.write_text(_SUM.replace("+", "*"))
    test.write_text(_TEST.replace("== 3", "== 2"))
    for path, status in zip((product, test), before, strict=True):
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert path.stat().st_size == status.st_size

    run = run_python(tree, pytest_spec(), bytecode=Bytecode(folder))
    assert outcomes(run) == {"tests/test_sums.py::test_sum": "passed"}
    assert len([*folder.iterdir()]) == 2


def test_damaged_code_is_made_again(tmp_path: Path) -> None:
    tree, folder = _tree(tmp_path), _folder(tmp_path)
    run_python(tree, pytest_spec(), bytecode=Bytecode(folder, is_writable=True))
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:10])

    run = run_python(tree, pytest_spec(), bytecode=Bytecode(folder))

    assert outcomes(run) == {"tests/test_sums.py::test_sum": "passed"}


def test_what_python_warns_of_is_not_kept(tmp_path: Path) -> None:
    odd = 'def word():\n    return "\\d"\n'
    test = "from odd import word\n\ndef test_word():\n    assert word()\n"
    tree, folder = written(tmp_path, src__odd=odd, tests__test_odd=test), _folder(tmp_path)
    spec = pytest_spec("-W", "error::DeprecationWarning", "-W", "error::SyntaxWarning")

    first = run_python(tree, spec, bytecode=Bytecode(folder, is_writable=True))
    second = run_python(tree, spec, bytecode=Bytecode(folder))

    assert first.end is second.end is RunEnd.COLLECTION_ERROR
    assert "src/odd.py" in second.detail
    assert "During handling" not in first.detail + second.detail
    assert len([*folder.iterdir()]) == 1  # of the test


def test_unittest_reads_kept_code_too(tmp_path: Path) -> None:
    test = (
        "import unittest\nfrom sums import plus\n\nclass Sums(unittest.TestCase):\n"
        "    def test_sum(self):\n        self.assertEqual(plus(1, 2), 3)\n"
    )
    tree, folder = written(tmp_path, sums=_SUM, test_sums=test), _folder(tmp_path)

    first = run_python(tree, unittest_spec(), bytecode=Bytecode(folder, is_writable=True))
    _replace_all(folder)
    second = run_python(tree, unittest_spec(), bytecode=Bytecode(folder))

    assert outcomes(first) == {"test_sums.Sums.test_sum": "passed"}
    assert outcomes(second) != outcomes(first)


def test_a_folder_that_is_gone_does_not_matter(tmp_path: Path) -> None:
    run = run_python(_tree(tmp_path), pytest_spec(), bytecode=Bytecode(tmp_path / "none"))
    assert outcomes(run) == {"tests/test_sums.py::test_sum": "passed"}


@pytest.mark.parametrize("version", ["6.2.5", "7.4.4", "8.3.5"])
def test_older_pytest_keeps_code_and_reads_chosen_files_only(tmp_path: Path, version: str) -> None:
    root = tmp_path / "environment"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, root], check=True)
    own = ("--python", root / "bin/python", f"pytest=={version}")
    subprocess.run([uv, "pip", "install", "-q", *own], check=True)
    environment = Environment("python", version, root, "cpython", root / "bin/python")
    tree, folder = _tree(tmp_path), _folder(tmp_path)
    (tree / "tests/test_other.py").write_text("raise RuntimeError('read')\n")
    wanted = "tests/test_sums.py::test_sum"

    def run(*, is_writable: bool) -> dict[str, str]:
        made = run_suite(
            pytest_spec(), environment, tree, limits=LIMITS, select=(wanted,), is_quick=True,
            bytecode=Bytecode(folder, is_writable=is_writable),
        )  # fmt: skip
        return {**outcomes(made), "end": made.end.value}

    assert run(is_writable=True) == {wanted: "passed", "end": "completed"}
    assert len([*folder.iterdir()]) == 2
    _replace_all(folder)
    assert run(is_writable=False)["end"] == "collection_error"
