"""
What a Python project's tests need, from all the places where projects say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from cab_tasks.environment.project_setup import metadata_headers
from cab_tasks.project import (
    ini_lines,
    read_ini,
    read_settings,
    read_text,
    read_toml,
    strings_at,
    table_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from cab_tasks.model import Seed

_TEST_GROUPS = ("test", "tests", "testing", "unit", "unittest", "pytest")
_DEV_GROUPS = ("dev", "develop", "development")
_TEST_FILES = (
    "requirements-test.txt", "requirements-tests.txt", "requirements_test.txt",
    "test-requirements.txt", "test_requirements.txt", "requirements/test.txt",
    "requirements/tests.txt", "requirements/testing.txt", "requirements/test.in",
    "requirements/tests.in", "tests/requirements.txt", "test/requirements.txt",
)  # fmt: skip
_DEV_FILES = (
    "requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "dev_requirements.txt",
    "requirements/dev.txt", "requirements/dev.in", "requirements/development.txt",
)  # fmt: skip

# Linters, type checkers, documentation, build and release tools: no test imports them.
_TOOLS = re.compile(
    r"(mypy|ruff|black|blue|isort|pyright|pytype|pylint|pycodestyle|pydocstyle|pyflakes|flake8.*"
    r"|autoflake|pyupgrade|yapf|autopep8|bandit|safety|vulture|codespell|check-manifest|interrogate"
    r"|pre-commit.*|prek|sphinx.*|.*-sphinx-theme|furo|myst-parser|mkdocs.*|pdoc3?|numpydoc|docutils"
    r"|tox.*|nox.*|twine|build|bump2version|bumpversion|bumpver|towncrier|hatch|wheel|pip|setuptools"
    r"|pip-tools|invoke|coveralls|codecov|python-semantic-release|readme-renderer|commitizen|gitlint"
    r"|ipython|ipdb|jupyter.*|notebook|types-.*|.*-stubs|pytest-(mypy|flake8|black|pycodestyle|pylint"
    r"|ruff|isort|xdist|codspeed|sugar|watch|randomly|random-order))"
)
_PYTEST_OPTION = re.compile(r"--([a-z0-9-]+)")


@dataclass
class _Found:
    tests: list[str] = field(default_factory=list)
    dev: list[str] = field(default_factory=list)
    project: list[str] = field(default_factory=list)


def requirement_tiers(seed: Seed) -> tuple[tuple[str, ...], ...]:
    """
    Requirements of the project and its tests, fullest set first, for when it cannot be resolved.

    Each set is sorted. Without a kind: everything, tests only, the project alone; the settings'
    `packages` and the test framework are in each.
    """
    found = _Found()
    settings = read_settings(seed.tree)
    _from_metadata(seed, found)
    _from_pyproject(seed.tree, found)
    _from_files(seed.tree, found)
    _from_tox(seed.tree, found)
    framework = ("pytest",) if seed.suite.framework == "pytest" else ()
    always = (*settings.packages, *found.project, *framework)
    options = _pytest_options(seed.tree)
    tests = tuple(_without_tools(found.tests, options))
    dev = tuple(_without_tools(found.dev, options))
    sets = ((*tests, *dev, *always), (*tests, *always), always)
    return tuple(dict.fromkeys(_lockable(texts, own_name(seed)) for texts in sets))


def own_name(seed: Seed) -> str:
    """
    The seed's distribution name, normalised.
    """
    headers = metadata_headers(seed.site)
    return canonicalize_name(headers.get("Name", (seed.name,))[0])


def _without_tools(texts: Iterable[str], options: frozenset[str]) -> Iterator[str]:
    for text in texts:
        requirement = _parsed(text)
        name = canonicalize_name(requirement.name) if requirement else ""
        if name.removeprefix("pytest-") in options or not _TOOLS.fullmatch(name):
            yield text


def _lockable(texts: Iterable[str], own: str) -> tuple[str, ...]:
    parsed = (requirement for text in texts if (requirement := _parsed(text)))
    kept = {
        str(requirement)
        for requirement in parsed
        if not requirement.url and canonicalize_name(requirement.name) != own
    }
    return tuple(sorted(kept))


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None  # a path, an option, a URL: nothing that a lock can hold


def _pytest_options(tree: Path) -> frozenset[str]:
    """
    Words behind `--` in pytest's own settings: plugins that it cannot start without.
    """
    tool = read_toml(tree, "pyproject.toml")
    texts = [
        *strings_at(tool, "tool", "pytest", "ini_options", "addopts"),
        *strings_at(tool, "tool", "pytest", "addopts"),
        read_ini(tree, "pytest.ini").get("pytest", "addopts", fallback=""),
        read_ini(tree, "tox.ini").get("pytest", "addopts", fallback=""),
        read_ini(tree, "setup.cfg").get("tool:pytest", "addopts", fallback=""),
    ]
    return frozenset(_PYTEST_OPTION.findall(" ".join(texts)))


def _from_metadata(seed: Seed, found: _Found) -> None:
    headers = metadata_headers(seed.site)
    extras = headers.get("Provides-Extra", ())
    for text in headers.get("Requires-Dist", ()):
        requirement = _parsed(text)
        if requirement is None:
            continue
        # The other parts of a marker stay: the resolver evaluates them.
        named = re.findall(r"""extra\s*==\s*['"]([^'"]+)""", str(requirement.marker or ""))
        plain = _without_extra(text)
        if not named:
            found.project.append(plain)
        elif named[0] in extras:
            _add(found, named[0], (plain,))


def _without_extra(text: str) -> str:
    body, _, marker = text.partition(";")
    rest = re.sub(r"""\s*(and)?\s*extra\s*==\s*['"][^'"]+['"]""", "", marker).strip()
    return f"{body.strip()} ; {rest}" if rest else body.strip()


def _add(found: _Found, group: str, texts: Iterable[str]) -> None:
    name = canonicalize_name(group)
    if name in _TEST_GROUPS:
        found.tests += texts
    elif name in _DEV_GROUPS:
        found.dev += texts


def _from_pyproject(tree: Path, found: _Found) -> None:
    pyproject = read_toml(tree, "pyproject.toml")
    groups = table_at(pyproject, "dependency-groups")
    tool = table_at(pyproject, "tool")
    for group in groups:
        _add(found, group, _group(groups, group, ()))
    for group in table_at(tool, "pdm", "dev-dependencies"):
        _add(found, group, strings_at(tool, "pdm", "dev-dependencies", group))
    for group, table in table_at(tool, "hatch", "envs").items():
        name = "test" if group in ("default", "hatch-test") else group
        for key in ("dependencies", "extra-dependencies") if isinstance(table, dict) else ():
            _add(found, name, strings_at(table, key))
    _add(found, "dev", strings_at(tool, "uv", "dev-dependencies"))
    _add(found, "test", strings_at(tool, "tox", "env_run_base", "deps"))
    _from_poetry(table_at(tool, "poetry"), found)


def _group(groups: dict[str, object], name: str, above: tuple[str, ...]) -> Iterator[str]:
    items = groups.get(name)
    for item in items if isinstance(items, list) and name not in above else ():
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict) and isinstance(inner := item.get("include-group"), str):
            yield from _group(groups, inner, (*above, name))


def _from_poetry(poetry: dict[str, object], found: _Found) -> None:
    for group in table_at(poetry, "group"):
        _add(found, group, _poetry_table(table_at(poetry, "group", group, "dependencies")))
    _add(found, "dev", _poetry_table(table_at(poetry, "dev-dependencies")))


def _poetry_table(table: dict[str, object]) -> Iterator[str]:
    for name, value in table.items():
        version = value.get("version", "*") if isinstance(value, dict) else value
        if name != "python" and isinstance(version, str):
            yield f"{name}{_poetry_version(version)}"


def _poetry_version(text: str) -> str:
    """
    Poetry's caret and tilde in the common spelling: `^1.2` is `>=1.2,<2`.
    """
    if text.strip() in ("*", ""):
        return ""
    match = re.fullmatch(r"[\^~]\s*(\d+)((\.\d+)*)(.*)", text.strip())
    if not match:
        return text if re.match(r"\s*[<>=!~]", text) else f"=={text.strip()}"
    major, rest = int(match[1]), match[2]
    if text.strip()[0] == "~" and rest:
        return f">={major}{rest},=={major}.{rest.split('.')[1]}.*"
    if major == 0 and rest:
        return f">={major}{rest},<0.{int(rest.split('.')[1]) + 1}"
    return f">={major}{rest},<{major + 1}"


def _from_files(tree: Path, found: _Found) -> None:
    for path in _TEST_FILES:
        found.tests += _requirement_lines(tree, path, ())
    for path in _DEV_FILES:
        found.dev += _requirement_lines(tree, path, ())
    if not (found.project or (tree / "pyproject.toml").is_file()):
        found.project += _requirement_lines(tree, "requirements.txt", ())


def _requirement_lines(tree: Path, path: str, above: tuple[str, ...]) -> Iterator[str]:
    for line in read_text(tree, path).splitlines() if path not in above else ():
        text = re.sub(r"(^|\s)#.*|\s--hash=.*|\s*\\$", "", line).strip()
        included = re.match(r"(?:-r|--requirement)[\s=]+(\S+)", text)
        if included and ".." not in included[1]:
            folder = path.rpartition("/")[0]
            inner = f"{folder}/{included[1]}" if folder else included[1]
            yield from _requirement_lines(tree, inner, (*above, path))
        elif text and not text.startswith("-"):
            yield text


def _from_tox(tree: Path, found: _Found) -> None:
    for parser in (read_ini(tree, "tox.ini"), read_ini(tree, "setup.cfg")):
        for section in ("testenv", "tox:testenv"):
            for line in ini_lines(parser, section, "deps"):
                included = re.match(r"-r\s*(?:\{toxinidir\}/)?(\S+)", line)
                if included:
                    found.tests += _requirement_lines(tree, included[1], ())
                elif not line.startswith("-"):
                    found.tests.append(line)
