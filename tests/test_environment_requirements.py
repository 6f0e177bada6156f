"""
Where the tests' requirements are found, and which are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cab_tasks import workspace
from cab_tasks.environment.project_setup import set_up
from cab_tasks.environment.requirements import own_name, requirement_tiers
from cab_tasks.model import Seed, SuiteSpec
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from pathlib import Path


def seed_of(root: Path, files: dict[str, str], framework: str = "pytest") -> Seed:
    for path, text in files.items():
        workspace.write(root, path, text.encode())
    setup = set_up(
        root,
        version="",
        date="",
        fallback_name="tiny",
        cache=root.parent / "cache",
        python=None,
        policy=Policy.AUTO,
    )
    suite = SuiteSpec("python", framework, ("python", "-m", framework))
    return Seed("tiny", "tiny", "", "", root, "", "MIT", suite, site=setup.site)


PROJECT = '[project]\nname = "tiny"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("files", "fullest"),
    [
        ({"pyproject.toml": PROJECT}, ("pytest",)),
        (
            {"pyproject.toml": PROJECT + 'dependencies = ["attrs>=20", "tiny"]\n'},
            ("attrs>=20", "pytest"),
        ),
        (
            {
                "pyproject.toml": PROJECT + "[project.optional-dependencies]\n"
                'test = ["freezegun; python_version > \'3\'"]\ndocs = ["sphinx"]\n'
            },
            ('freezegun; python_version > "3"', "pytest"),
        ),
        (
            {
                "pyproject.toml": PROJECT + "[dependency-groups]\n"
                'dev = [{include-group = "test"}, "ruff", "mypy>=1", "hypothesis"]\n'
                'test = ["pytest>=8"]\ndocs = ["mkdocs"]\n'
            },
            ("hypothesis", "pytest", "pytest>=8"),
        ),
        (
            {
                "pyproject.toml": PROJECT + "[tool.poetry.group.test.dependencies]\n"
                'python = "^3.9"\nresponses = "^0.20.1"\nsix = "*"\nmock = {version = "~4.0"}\n'
            },
            ("mock==4.0.*,>=4.0", "pytest", "responses<0.21,>=0.20.1", "six"),
        ),
        (
            {
                "pyproject.toml": PROJECT,
                "requirements-dev.txt": "-r requirements/test.txt\n-e .\nblack==23.1 # style\n",
                "requirements/test.txt": "mock>=4  # fakes\n--no-binary x\nhttps://x.org/y.zip\n",
            },
            ("mock>=4", "pytest"),
        ),
        (
            {
                "pyproject.toml": PROJECT,
                "tox.ini": "[testenv]\ndeps =\n    mock\n    py38: old\n    -r t.txt\n",
                "t.txt": "nose2\n",
            },
            ("mock", "nose2", "pytest"),
        ),
        (
            {
                "pyproject.toml": PROJECT + '[dependency-groups]\ndev = ["pytest-mypy"]\n'
                '[tool.pytest.ini_options]\naddopts = "--mypy"\n'
            },
            ("pytest", "pytest-mypy"),
        ),
        (
            {"pyproject.toml": PROJECT + '[tool.cab-tasks]\npackages = ["sphinx"]\n'},
            ("pytest", "sphinx"),
        ),
    ],
)
def test_fullest_requirements(
    files: dict[str, str], fullest: tuple[str, ...], tmp_path: Path
) -> None:
    seed = seed_of(tmp_path / "tree", files)

    assert requirement_tiers(seed)[0] == fullest


def test_unittest_needs_nothing_of_its_own(tmp_path: Path) -> None:
    seed = seed_of(tmp_path / "tree", {"pyproject.toml": PROJECT}, "unittest")

    assert requirement_tiers(seed) == ((),)


def test_fewer_requirements_follow_for_when_the_fullest_do_not_resolve(tmp_path: Path) -> None:
    text = PROJECT + 'dependencies = ["a"]\n[dependency-groups]\ntest = ["b"]\ndev = ["c"]\n'

    seed = seed_of(tmp_path / "tree", {"pyproject.toml": text})

    assert requirement_tiers(seed) == (
        ("a", "b", "c", "pytest"),
        ("a", "b", "pytest"),
        ("a", "pytest"),
    )


def test_metadata_is_read_from_the_project_file_where_that_suffices(tmp_path: Path) -> None:
    text = PROJECT + (
        'dynamic = ["readme"]\nrequires-python = ">=3.9"\n[project.scripts]\nrun = "a:b"\n'
    )

    seed = seed_of(tmp_path / "tree", {"pyproject.toml": text})

    assert own_name(seed) == "tiny"
    assert seed.site == (
        (
            "tiny-1.dist-info/METADATA",
            b"Metadata-Version: 2.1\nName: tiny\nVersion: 1\nRequires-Python: >=3.9\n",
        ),
        ("tiny-1.dist-info/entry_points.txt", b"[console_scripts]\nrun = a:b\n"),
    )
