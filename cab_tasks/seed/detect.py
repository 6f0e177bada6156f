"""
Which language a tree is in, and how its tests are run.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from cab_tasks.errors import SeedError
from cab_tasks.globs import matches
from cab_tasks.model import SuiteSpec
from cab_tasks.project import (
    ini_lines,
    read_ini,
    read_text,
    read_toml,
    strings_at,
    table_at,
)
from cab_tasks.source_text import holds_python_tests
from cab_tasks.workspace import CACHES, paths, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from cab_tasks.project import Settings

LANGUAGES = ("python", "rust")
FRAMEWORKS = {"python": ("pytest", "unittest"), "rust": ("cargo",)}
_SAY_HOW = "say how to run them by --test-command"
_PYTHON_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
_PYTHON_TESTS = (
    "tests/**", "**/tests/**", "test/**", "**/test/**", "test_*.py", "**/test_*.py",
    "*_test.py", "**/*_test.py", "conftest.py", "**/conftest.py", "test.py", "**/test.py",
    "tests.py", "**/tests.py", "testing/**",
)  # fmt: skip
_RUST_TESTS = (
    "tests/**", "**/tests/**", "benches/**", "**/benches/**", "examples/**", "**/examples/**",
    "fuzz/**", "**/tests.rs", "**/test.rs", "**/*_test.rs", "**/*_tests.rs",
)  # fmt: skip
_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|tests)\.py$")
_NO_NAME = re.compile(r"[*?\[\]]")  # what a glob would read otherwise
_USES_PYTEST = re.compile(r"(?m)^\s*(import|from)\s+pytest\b|^(async )?def test_")
_RUST_TEST = re.compile(
    r"(?m)#\[\s*(\w+::)*(test|rstest|test_case|quickcheck|proptest)\b|^\s*//[/!]\s*```"
)


def detect_language(tree: Path, settings: Settings, asked: str | None) -> str:
    """
    `python` or `rust`: what was asked for, what the settings say, what the project files show.

    Raises:
        SeedError: none is known, or both are there.
    """
    if stated := asked or settings.language:
        if stated in LANGUAGES:
            return stated
        raise SeedError(f"{stated}: no language of ours; choose from {', '.join(LANGUAGES)}")
    python = any((tree / name).is_file() for name in _PYTHON_FILES)
    rust = (tree / "Cargo.toml").is_file()
    if python and rust:
        raise SeedError("both Cargo.toml and Python project files are there; choose by --language")
    if rust or python:
        return "rust" if rust else "python"
    if any(_TEST_FILE.search(path) for path in paths(tree, skip=CACHES)):
        return "python"
    raise SeedError(
        "no known language: no Cargo.toml, pyproject.toml or setup.py at the root; "
        "choose by --language"
    )


def detect_suite(
    tree: Path, settings: Settings, language: str, test_command: tuple[str, ...] = ()
) -> SuiteSpec:
    """
    How the tests are run: as asked for, as the settings say, else as the project files show.

    Raises:
        SeedError: no test is found, or a setting makes no sense.
    """
    command = test_command or settings.test_command
    framework = settings.framework or _framework_of(command) or _framework(tree, language)
    if framework not in FRAMEWORKS[language]:
        known = ", ".join(FRAMEWORKS[language])
        raise SeedError(f"{framework}: no test framework of {language}; choose from {known}")
    roots = settings.source_roots or _source_roots(tree, language)
    return SuiteSpec(
        language=language,
        framework=framework,
        command=command or _command(tree, framework),
        env=settings.env or _python_path(language, roots),
        test_globs=settings.test_globs or _test_globs(tree, language, roots),
        source_roots=roots,
    )


def _framework_of(command: Iterable[str]) -> str:
    words = {PurePosixPath(word).name for word in command}
    return next((name for name in ("pytest", "unittest", "cargo") if name in words), "")


def _framework(tree: Path, language: str) -> str:
    if language == "rust":
        return _cargo(tree)
    tests = [path for path in paths(tree, skip=CACHES) if _TEST_FILE.search(path)]
    if _configures_pytest(tree):
        return "pytest"
    if not tests:
        raise SeedError(f"no tests found: no test_*.py or *_test.py; {_SAY_HOW}")
    texts = (read_text(tree, path) for path in tests)
    return "pytest" if any(_USES_PYTEST.search(text) for text in texts) else "unittest"


def _cargo(tree: Path) -> str:
    sources = (path for path in paths(tree, skip=CACHES) if path.endswith(".rs"))
    if any(_RUST_TEST.search(read_text(tree, path)) for path in sources):
        return "cargo"
    raise SeedError(f"no tests found: no #[test] and no doc test; {_SAY_HOW}")


def _configures_pytest(tree: Path) -> bool:
    tool = table_at(read_toml(tree, "pyproject.toml"), "tool")
    if "pytest" in tool or (tree / "pytest.ini").is_file() or (tree / ".pytest.ini").is_file():
        return True
    if read_ini(tree, "setup.cfg").has_section("tool:pytest"):
        return True
    tox = read_ini(tree, "tox.ini")
    commands = " ".join(ini_lines(tox, "testenv", "commands"))
    return tox.has_section("pytest") or bool(re.search(r"\b(pytest|py\.test)\b", commands))


def _command(tree: Path, framework: str) -> tuple[str, ...]:
    if framework == "cargo":
        is_workspace = "workspace" in read_toml(tree, "Cargo.toml")
        return ("cargo", "test", "--workspace") if is_workspace else ("cargo", "test")
    if framework == "pytest":
        return ("python", "-m", "pytest")
    return ("python", "-m", "unittest", *_discovery(tree))


def _discovery(tree: Path) -> tuple[str, ...]:
    """
    Discovery's arguments: a test folder that is no package is not found from the root.
    """
    for folder in ("tests", "test"):
        if (tree / folder).is_dir() and not (tree / folder / "__init__.py").is_file():
            return ("discover", "-s", folder)
    files = [path for path in paths(tree, skip=CACHES) if _TEST_FILE.search(path)]
    if files and all(path.endswith("_test.py") for path in files):
        return ("discover", "-p", "*_test.py")
    return ()


def _test_globs(tree: Path, language: str, roots: tuple[str, ...]) -> tuple[str, ...]:
    if language == "rust":
        return _RUST_TESTS
    return (*_PYTHON_TESTS, *_tests_by_other_names(tree, roots))


def _tests_by_other_names(tree: Path, roots: tuple[str, ...]) -> Iterator[str]:
    """
    Files with tests in them, in folders that are neither packages nor where packages stand.
    """
    product = tuple(f"{root}/" for root in roots if root != ".")
    for path in paths(tree, skip=CACHES):
        folder = PurePosixPath(path).parent
        is_product = (
            str(folder) == "."
            or path.startswith(product)
            or (tree / folder / "__init__.py").is_file()
        )
        if not path.endswith(".py") or is_product or matches(path, _PYTHON_TESTS):
            continue
        if not _NO_NAME.search(path) and holds_python_tests(read(tree, path)[1]):
            yield path


def _source_roots(tree: Path, language: str) -> tuple[str, ...]:
    return _rust_roots(tree) if language == "rust" else _python_roots(tree)


def _python_roots(tree: Path) -> tuple[str, ...]:
    tool = table_at(read_toml(tree, "pyproject.toml"), "tool")
    config = read_ini(tree, "setup.cfg")
    mapped = ini_lines(config, "options", "package_dir")
    package_dir = table_at(tool, "setuptools", "package-dir").get("")
    poetry = table_at(tool, "poetry").get("packages")
    named = [
        *strings_at(tool, "setuptools", "packages", "find", "where"),
        *([package_dir] if isinstance(package_dir, str) else []),
        *(item["from"] for item in poetry or [] if isinstance(item, dict) and "from" in item),
        *ini_lines(config, "options.packages.find", "where"),
        *(line[1:].strip() for line in mapped if line[0] == "="),
        "src",
    ]
    found = [root.strip("./") or "." for root in named if _holds_python(tree / root)]
    return tuple(dict.fromkeys(found)) or (".",)


def _holds_python(folder: Path) -> bool:
    if not folder.is_dir() or (folder / "__init__.py").is_file():
        return False
    return any(folder.glob("*.py")) or any(folder.glob("*/*.py"))


def _python_path(language: str, roots: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if language != "python" or roots == (".",):
        return ()
    return (("PYTHONPATH", ":".join(roots)),)


def _rust_roots(tree: Path) -> tuple[str, ...]:
    cargo = read_toml(tree, "Cargo.toml")
    patterns = strings_at(cargo, "workspace", "members")
    members = [folder for pattern in patterns for folder in tree.glob(pattern)]
    excluded = set(strings_at(cargo, "workspace", "exclude"))
    names = {folder.relative_to(tree).as_posix() for folder in members} - excluded
    roots = sorted(f"{name}/src" for name in names if (tree / name / "src").is_dir())
    return (*(["src"] if (tree / "src").is_dir() else []), *roots) or (".",)


def split_command(text: str) -> tuple[str, ...]:
    """
    A command as a person types it, in words.

    Raises:
        SeedError: a quote is not closed.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise SeedError(f"--test-command {text}: {error}") from error
