"""
The house: contracts between modules, types, lint, generated pages, and what the README promises.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from cab_tasks import __version__, catalogue
from cab_tasks.cli import main as shell

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))

TOP_LEVEL = {
    "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml",
    "bench", "cab_tasks", "mutators", "task_templates", "tests", "docs",
}  # fmt: skip

# A path of somebody's machine; `/home/x` and its like stand in lint's own patterns and tests.
MACHINE_PATH = re.compile(
    rb"/(work|root)/(main|shared|\.cargo|\.pyenv|\.cache|\.mirror|\.library)\b"
)


def tracked() -> list[str]:
    """
    Files that git knows; in an unpacked sdist, those that are there.
    """
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["lint-imports", "--no-logo", "--no-cache"], id="import contracts"),
        pytest.param(["mypy"], id="types"),
        pytest.param(["ruff", "check", "--no-cache", "."], id="lint"),
        pytest.param(["ruff", "format", "--no-cache", "--check", "."], id="format"),
    ],
)
def test_tool_finds_nothing(command: list[str]) -> None:
    done = run(str(SCRIPTS / command[0]), *command[1:])

    assert done.returncode == 0, done.stdout + done.stderr


def test_import_contracts_are_kept_by_all_modules() -> None:
    """
    A folder without `__init__.py` would be no part of the import graph, and so of no contract.
    """
    bare = {
        str(file.parent.relative_to(ROOT))
        for package in ("cab_tasks", "mutators")
        for file in (ROOT / package).rglob("*.py")
        if not (file.parent / "__init__.py").is_file() and "inject" not in file.parent.parts
    }

    assert bare == set()


def test_generated_pages_are_what_the_docstrings_say() -> None:
    assert catalogue.stale_pages(ROOT / "docs") == ()


def test_pages_are_the_same_in_every_run() -> None:
    code = "import json; from cab_tasks import catalogue; print(json.dumps(catalogue.pages()))"

    first, second = (run(sys.executable, "-c", code).stdout for _ in range(2))

    assert first == second
    assert first.startswith('{"mutators/index.md"')


def test_stale_page_is_found_and_mended(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    docs = tmp_path / "docs"
    (docs / "rules" / "index.md").write_text("old")
    (docs / "mutators" / "gone.md").write_text("gone")

    assert catalogue.stale_pages(docs) == ("mutators/gone.md", "rules/index.md")

    catalogue.write_pages(docs, catalogue.stale_pages(docs))

    assert catalogue.stale_pages(docs) == ()
    assert not (docs / "mutators" / "gone.md").exists()


def test_top_level_holds_only_what_belongs_there() -> None:
    tops = {name.split("/")[0] for name in tracked()}

    assert {name for name in tops if not name.startswith(".")} - TOP_LEVEL == set()


def test_no_file_names_a_machine_path() -> None:
    found = [name for name in tracked() if MACHINE_PATH.search((ROOT / name).read_bytes())]

    assert [name for name in found if name != "tests/test_house.py"] == []


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_no_module_is_longer_than_400_lines() -> None:
    counts = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines())
        for package in ("cab_tasks", "mutators")
        for file in (ROOT / package).rglob("*.py")
    }

    assert {name: lines for name, lines in counts.items() if lines > 400} == {}


def test_docstrings_open_alone_on_their_line() -> None:
    wrong = []
    for package in ("cab_tasks", "mutators"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Module | ast.ClassDef):
                    text = ast.get_docstring(node, clean=False)
                    if text is not None and not text.startswith("\n"):
                        wrong.append(f"{file.relative_to(ROOT)}: {text.splitlines()[0]}")

    assert wrong == []


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_commands_in_the_texts_exist_with_their_options(page: str) -> None:
    text = (ROOT / page).read_text()
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S))
    calls = re.findall(r"^(?:\$ )?(?:\.venv/bin/)?cab-tasks ([a-z]+)\b(.*)$", blocks, re.M)

    unknown = []
    for name, rest in calls:
        if name not in shell.COMMANDS:
            unknown.append(name)
            continue
        known = _options(shell.load(name))
        given = re.findall(r"(?<!\S)(--[a-z-]+|-[a-z])\b", rest.split("&&")[0].split("#")[0])
        unknown += [f"{name} {option}" for option in given if option not in known]
    assert unknown == []
    assert calls


def test_make_targets_in_the_readme_exist() -> None:
    promised = set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / "README.md").read_text()))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))

    assert promised - targets == set()
    assert {"demo", "test", "lint", "docs", "bench"} <= targets


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def _options(command: object) -> set[str]:
    found = {"--help", "-h"}
    for param in getattr(command, "params", ()):
        found |= {*param.opts, *param.secondary_opts}
    for below in getattr(command, "commands", {}).values():
        found |= _options(below)
    return found


def test_each_import_contract_notices_what_it_forbids(tmp_path: Path) -> None:
    for package in ("cab_tasks", "mutators"):
        shutil.copytree(ROOT / package, tmp_path / package)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    forbidden = {
        "cab_tasks/errors.py": "cab_tasks.pipeline",
        "cab_tasks/validate.py": "cab_tasks.trial",
        "cab_tasks/lint/engine.py": "libcst",
        "cab_tasks/trial.py": "subprocess, git, multiprocessing, typer",
        "mutators/base.py": "random",
        "mutators/rust/source.py": "mutators.python.source",
    }
    for path, modules in forbidden.items():
        with (tmp_path / path).open("a") as file:
            file.write(f"\nimport {modules}\n")

    done = subprocess.run(
        [str(SCRIPTS / "lint-imports"), "--no-logo", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert f"Contracts: 0 kept, {len(contracts['contracts'])} broken." in done.stdout
