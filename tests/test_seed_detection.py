"""
What a seed's project files tell: language, framework, command, import path, licence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cab_tasks import workspace
from cab_tasks.errors import SeedError
from cab_tasks.globs import matches
from cab_tasks.project import read_settings
from cab_tasks.seed.detect import detect_language, detect_suite, split_command
from cab_tasks.seed.license import find_license

if TYPE_CHECKING:
    from pathlib import Path

PYTEST_TEST = "def test_one():\n    assert True\n"
UNITTEST_TEST = "import unittest\n\nclass T(unittest.TestCase):\n    def test_one(self): ...\n"
RUST_TEST = "#[test]\nfn one() {}\n"
MIT = "Permission is hereby granted, free of charge, to any person obtaining a copy of this "
APACHE = "                 Apache License\n           Version 2.0, January 2004\n"


def tree_of(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        workspace.write(root, path, text.encode())
    return root


def suite_of(root: Path, files: dict[str, str], command: str = "") -> tuple[str, ...]:
    tree = tree_of(root, files)
    settings = read_settings(tree)
    language = detect_language(tree, settings, None)
    return detect_suite(tree, settings, language, split_command(command)).command


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"setup.py": "", "test_a.py": PYTEST_TEST}, "python -m pytest"),
        ({"setup.py": "", "test_a.py": UNITTEST_TEST}, "python -m unittest"),
        ({"setup.py": "", "pytest.ini": "", "test_a.py": UNITTEST_TEST}, "python -m pytest"),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\n", "tests/test_a.py": UNITTEST_TEST},
            "python -m pytest",
        ),
        ({"setup.cfg": "[tool:pytest]\n", "test_a.py": UNITTEST_TEST}, "python -m pytest"),
        (
            {"setup.py": "", "tox.ini": "[testenv]\ncommands = pytest {posargs}\n"},
            "python -m pytest",
        ),
        (
            {"setup.py": "", "tests/__init__.py": "", "tests/test_a.py": UNITTEST_TEST},
            "python -m unittest",
        ),
        (
            {"setup.py": "", "tests/test_a.py": UNITTEST_TEST},
            "python -m unittest discover -s tests",
        ),
        ({"setup.py": "", "a_test.py": UNITTEST_TEST}, "python -m unittest discover -p *_test.py"),
        ({"test_a.py": PYTEST_TEST}, "python -m pytest"),
        ({"Cargo.toml": "[package]\n", "src/lib.rs": RUST_TEST}, "cargo test"),
        ({"Cargo.toml": "[package]\n", "src/lib.rs": "/// ```\n/// ```\n"}, "cargo test"),
        ({"Cargo.toml": "[workspace]\n", "a/src/lib.rs": RUST_TEST}, "cargo test --workspace"),
    ],
)
def test_command_is_what_the_project_files_show(
    files: dict[str, str], command: str, tmp_path: Path
) -> None:
    assert " ".join(suite_of(tmp_path, files)) == command


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"Cargo.toml": "", "setup.py": ""}, "both Cargo.toml and Python"),
        ({"README.md": "x"}, "no known language"),
        ({"setup.py": "", "a.py": ""}, "no tests found.*--test-command"),
        ({"Cargo.toml": "[package]\n", "src/lib.rs": "fn a() {}\n"}, "no tests found"),
        ({"pyproject.toml": "[tool"}, "pyproject.toml: not valid TOML"),
        ({"cab.toml": 'langage = "rust"\n'}, "cab.toml: unknown setting langage; known are env,"),
        ({"cab.toml": "packages = 3\n"}, "cab.toml: packages must be a list of strings"),
        ({"cab.toml": 'language = "cobol"\n'}, "cobol: no language of ours"),
        ({"cab.toml": 'framework = "nose"\n', "setup.py": ""}, "nose: no test framework of python"),
    ],
)
def test_what_cannot_be_known_is_said(files: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=message):
        suite_of(tmp_path, files)


def test_tests_by_other_names_are_protected_too(tmp_path: Path) -> None:
    test = "def test_speed(benchmark):\n    assert benchmark\n"
    tree = tree_of(
        tmp_path,
        {
            "src/own/__init__.py": "",
            "src/own/checks.py": "def test_of_own(x):\n    return x\n",
            "src/single.py": "def test_of_own(x):\n    return x\n",
            "testing/test_a.py": "def test_a():\n    pass\n",
            "testing/benchmark.py": test,
            "speed/benchmark.py": test,
            "speed/notes.py": "x = 1\n",
            "speed/odd[1].py": test,
            "suites/cases.py": "class Cases(unittest.TestCase):\n    def test_one(self): ...\n",
            "tools/client.py": "class Client:\n    def test_connection(self): ...\n",
            "src/space/client.py": test,
        },
    )

    globs = detect_suite(tree, read_settings(tree), "python").test_globs

    protected = [path for path in workspace.paths(tree) if matches(path, globs)]
    assert protected == [
        "speed/benchmark.py", "suites/cases.py", "testing/benchmark.py", "testing/test_a.py",
    ]  # fmt: skip


def test_a_command_that_was_asked_for_decides_the_framework(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, {"setup.py": "", "checks/a.py": UNITTEST_TEST})

    suite = detect_suite(
        tree, read_settings(tree), "python", split_command("python -m unittest discover -s checks")
    )

    assert suite.framework == "unittest"
    assert suite.command == ("python", "-m", "unittest", "discover", "-s", "checks")


def test_settings_win_over_what_the_project_files_show(tmp_path: Path) -> None:
    text = """
    [tool.cab-tasks]
    test-command = "python -m unittest discover -s t"
    env = {MODE = "test"}
    test-globs = ["t/**"]
    source-roots = ["lib"]
    [tool.pytest.ini_options]
    """
    tree = tree_of(tmp_path, {"pyproject.toml": text, "lib/a.py": "", "t/test_a.py": UNITTEST_TEST})

    suite = detect_suite(tree, read_settings(tree), "python")

    assert suite.framework == "unittest"
    assert suite.env == (("MODE", "test"),)
    assert (suite.test_globs, suite.source_roots) == (("t/**",), ("lib",))


@pytest.mark.parametrize(
    ("files", "roots", "env"),
    [
        ({"pkg/__init__.py": ""}, (".",), ()),
        ({"src/pkg/__init__.py": ""}, ("src",), (("PYTHONPATH", "src"),)),
        ({"src/single.py": ""}, ("src",), (("PYTHONPATH", "src"),)),
        ({"src/__init__.py": "", "src/a.py": ""}, (".",), ()),
        (
            {"setup.cfg": "[options]\npackage_dir =\n    =lib\n", "lib/pkg/__init__.py": ""},
            ("lib",),
            (("PYTHONPATH", "lib"),),
        ),
        (
            {
                "pyproject.toml": '[tool.setuptools.packages.find]\nwhere = ["python"]\n',
                "python/pkg/__init__.py": "",
            },
            ("python",),
            (("PYTHONPATH", "python"),),
        ),
    ],
)
def test_import_path_follows_the_layout(
    files: dict[str, str], roots: tuple[str, ...], env: tuple[object, ...], tmp_path: Path
) -> None:
    tree = tree_of(tmp_path, {"test_a.py": PYTEST_TEST, **files})

    suite = detect_suite(tree, read_settings(tree), "python")

    assert suite.source_roots == roots
    assert suite.env == env


def test_rust_source_roots_are_those_of_the_members(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]\n',
        "crates/a/src/lib.rs": RUST_TEST,
        "crates/b/src/lib.rs": "",
        "crates/old/src/lib.rs": "",
    }
    tree = tree_of(tmp_path, files)

    suite = detect_suite(tree, read_settings(tree), "rust")

    assert suite.source_roots == ("crates/a/src", "crates/b/src")


@pytest.mark.parametrize(
    ("files", "expression"),
    [
        ({"pyproject.toml": '[project]\nlicense = "BSD-3-Clause"\n'}, "BSD-3-Clause"),
        ({"pyproject.toml": '[project]\nlicense = {text = "MIT"}\n'}, "MIT"),
        (
            {
                "pyproject.toml": "[project]\nclassifiers = ["
                '"License :: OSI Approved :: Apache Software License"]\n'
            },
            "Apache-2.0",
        ),
        ({"setup.cfg": "[metadata]\nlicense = ISC\n"}, "ISC"),
        ({"Cargo.toml": '[package]\nlicense = "MIT/Apache-2.0"\n'}, "MIT OR Apache-2.0"),
        (
            {
                "Cargo.toml": "[package]\nlicense.workspace = true\n"
                '[workspace.package]\nlicense = "MPL-2.0"\n'
            },
            "MPL-2.0",
        ),
        (
            {
                "LICENSE-MIT": MIT + "The above copyright notice and this permission notice shall",
                "LICENSE-APACHE": APACHE,
            },
            "Apache-2.0 OR MIT",
        ),
        ({"LICENCE": "all mine\n"}, "NOASSERTION"),
        ({}, "NOASSERTION"),
    ],
)
def test_license_is_an_spdx_expression(
    files: dict[str, str], expression: str, tmp_path: Path
) -> None:
    assert find_license(tree_of(tmp_path, files)) == expression
