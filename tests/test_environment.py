"""
Environments are built once, hold what the tests need and no copy of the seed, and can be rebuilt.

The packages come from the index that this machine's clients use; later runs need no network.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cab_tasks import workspace
from cab_tasks.environment import build_environment, lay_environment_files, rebuild
from cab_tasks.environment.interpreter import choose_interpreter
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.leaks import copies
from cab_tasks.sandbox import ENV, Command, Finished, Limits, Mount, run
from cab_tasks.seed import take_seed

if TYPE_CHECKING:
    from cab_tasks.model import Environment, Seed

PROJECT = {
    "pyproject.toml": '[project]\nname = "iniconfig"\nversion = "9.1"\n'
    'dependencies = ["packaging"]\n',
    "iniconfig/__init__.py": "from packaging.version import Version\n\n"
    "class IniConfig: ...\nclass SectionWrapper: ...\nclass ParseError(Exception): ...\n",
    "test_own.py": "import importlib.metadata, iniconfig\n\n"
    "def test_own():\n"
    "    assert 'tree' in iniconfig.__file__\n"
    "    assert importlib.metadata.version('iniconfig') == '9.1'\n",
}
CRATE = {
    "Cargo.toml": '[package]\nname = "tiny"\nversion = "0.1.0"\nedition = "2021"\n'
    '[[test]]\nname = "all"\n',
    "src/lib.rs": "#[test]\nfn one() {}\n",
    "tests/all.rs": "",
}
BACKEND = """
import os, pathlib, zipfile

def build_wheel(folder, config=None, metadata=None):
    version = os.environ["SETUPTOOLS_SCM_PRETEND_VERSION"]
    pathlib.Path("made.py").write_text(f"version = {version!r}\\n")
    pathlib.Path("made.so").write_bytes(b"\\x7fELF\\0")
    pathlib.Path("build").mkdir()
    pathlib.Path("build/copy.py").write_text("")
    info = f"made-{version}.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder, f"made-{version}-py3-none-any.whl"), "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Name: made\\nVersion: {version}\\n\\nreadme\\n")
        wheel.writestr("made.py", "")
    return f"made-{version}-py3-none-any.whl"
"""
NO_CARGO = shutil.which("cargo") is None and not os.environ.get("CI")


def write_files(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        workspace.write(root, path, text.encode())
    return root


def run_inside(environment: Environment, seed: Seed, *argv: str) -> Finished:
    base = choose_interpreter(None).prefix
    mounts = (Mount(environment.root, ENV), Mount(base, str(base)))
    command = Command((f"{ENV}/bin/python", *argv), tree=seed.tree, mounts=mounts)
    return run(command, Limits())


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Seed:
    return take_seed(str(write_files(tmp_path_factory.mktemp("seed"), PROJECT)), cache=cache)


@pytest.fixture(scope="module")
def environment(seed: Seed, cache: Path) -> Environment:
    return build_environment(seed, cache)


def record(environment: Environment, folder: Path) -> Path:
    for path, data in environment.files:
        workspace.write(folder, path, data)
    return folder


def test_suite_passes_without_network(environment: Environment, seed: Seed) -> None:
    finished = run_inside(environment, seed, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert b"1 passed" in finished.stdout, finished.stdout + finished.stderr


def test_seeds_own_release_is_not_in_the_environment(environment: Environment) -> None:
    lock = dict(environment.files)["requirements.txt"].decode()
    names = [line.split("==")[0] for line in lock.splitlines() if "==" in line]

    assert "pytest" in names
    assert "packaging" in names
    assert "iniconfig" not in names
    installed = [path.name for path in environment.root.glob("lib/*/site-packages/*")]
    assert "iniconfig-9.1.dist-info" in installed
    assert "iniconfig" not in installed
    assert not [name for name in installed if name.startswith(("pip", "setuptools"))]


def test_files_name_no_place_of_this_machine(environment: Environment, cache: Path) -> None:
    text = b"".join(data for _, data in environment.files).decode()

    assert [path for path, _ in environment.files] == [
        "Dockerfile",
        "environment.yaml",
        "requirements.txt",
        "site/iniconfig-9.1.dist-info/METADATA",
    ]
    assert "--hash=sha256:" in text
    assert environment.toolchain in text
    for place in (str(cache), str(choose_interpreter(None).prefix), os.uname().nodename, "://"):
        assert place not in text


def test_second_build_needs_no_network(
    environment: Environment, seed: Seed, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    before = environment.root.stat().st_mtime_ns

    again = build_environment(seed, cache)

    assert again == environment
    assert again.root.stat().st_mtime_ns == before


def test_rebuilt_environment_is_the_same(
    environment: Environment, seed: Seed, tmp_path: Path
) -> None:
    again = rebuild(record(environment, tmp_path / "environment"), tmp_path / "cache")

    assert (again.key, again.files, again.notes) == (environment.key, environment.files, ())
    finished = run_inside(again, seed, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert b"1 passed" in finished.stdout


def test_another_patch_level_is_a_note(environment: Environment, tmp_path: Path) -> None:
    folder = record(environment, tmp_path / "environment")
    minor = ".".join(environment.toolchain.split()[1].split(".")[:2])
    text = (folder / "environment.yaml").read_text()
    older = text.replace(environment.toolchain, f"cpython {minor}.999")
    workspace.write(folder, "environment.yaml", older.encode())

    again = rebuild(folder, environment.root.parent.parent)

    assert again.notes == (f"built with {environment.toolchain}, recorded is cpython {minor}.999",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"no environment\.yaml; it names language and toolchain"),
        ("a: [", "not YAML"),
        ("language: python\n", "needs language"),
        ("language: python\ntoolchain: cpython 2.1.0\n", "no Python 2.1 on this machine"),
    ],
)
def test_records_that_do_not_suffice_are_refused(
    text: str | None, message: str, tmp_path: Path
) -> None:
    if text is not None:
        workspace.write(tmp_path / "environment", "environment.yaml", text.encode())

    with pytest.raises(SeedEnvironmentError, match=message):
        rebuild(tmp_path / "environment", tmp_path / "cache")


def test_requirements_that_do_not_resolve_are_left_out_with_a_note(
    tmp_path: Path, cache: Path
) -> None:
    text = (
        '[project]\nname = "tiny"\nversion = "1"\n[dependency-groups]\n'
        'dev = ["packaging>=9999"]\n[tool.cab-tasks]\nframework = "unittest"\n'
    )
    root = write_files(tmp_path / "tree", {"pyproject.toml": text, "test_a.py": ""})

    environment = build_environment(take_seed(str(root), cache=cache), cache)

    assert dict(environment.files)["requirements.txt"] == b""
    assert len(environment.notes) == 1
    assert environment.notes[0].startswith("left out, cannot be resolved: packaging>=9999")


def test_build_gives_metadata_and_generated_sources(tmp_path: Path, cache: Path) -> None:
    text = '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["tools"]\n'
    files = {"pyproject.toml": text, "tools/own.py": BACKEND, "test_a.py": "def test_a(): ..."}
    root = write_files(tmp_path / "made", files)

    seed = take_seed(str(root), cache=cache)

    assert workspace.paths(seed.tree) == ("made.py", *sorted(files))
    assert workspace.read(seed.tree, "made.py")[1] == b"version = '0.0.0'\n"
    assert seed.site == (("made-0.0.0.dist-info/METADATA", b"Name: made\nVersion: 0.0.0\n"),)
    assert seed.warnings == ("made.py: made by the project's build, added to the tree",)
    assert workspace.paths(root) == tuple(sorted(files))


def test_declared_setup_makes_ignored_files(tmp_path: Path, cache: Path) -> None:
    text = '[tool.cab-tasks]\nsetup = ["printf hello > made.txt"]\n'
    files = {"pyproject.toml": text, "test_a.py": "def test_a(): ..."}

    seed = take_seed(str(write_files(tmp_path / "tree", files)), cache=cache)

    assert workspace.read(seed.tree, "made.txt")[1] == b"hello"


def test_build_that_fails_is_a_warning(tmp_path: Path, cache: Path) -> None:
    text = '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["tools"]\n'
    files = {"pyproject.toml": text, "tools/own.py": "1 / 0", "test_a.py": "def test_a(): ..."}

    seed = take_seed(str(write_files(tmp_path / "failing", files)), cache=cache)

    assert seed.site[0][1] == b"Metadata-Version: 2.1\nName: failing\nVersion: 0.0.0\n"
    assert "the project's own build fails" in seed.warnings[0]
    assert "ZeroDivisionError" in seed.warnings[0]


def test_interpreters_that_are_not_there_are_named() -> None:
    with pytest.raises(SeedEnvironmentError, match=r"no Python 3\.99 on this machine"):
        choose_interpreter("3.99")
    with pytest.raises(SeedEnvironmentError, match="no-python: no such program"):
        choose_interpreter("no-python")


def test_index_holds_what_stands_in_packages_and_standard_library(
    environment: Environment, cache: Path
) -> None:
    index = copies(environment, cache)
    plugin = next(environment.root.glob("lib/*/site-packages/pluggy/_hooks.py"))
    installed = plugin.read_text().splitlines()
    library = Path(textwrap.__file__).read_text().splitlines()

    assert index.holds(installed[-30:])
    assert index.holds(["    " + line for line in library[150:170]])
    assert not index.holds(["total = price_of(item) * 2", "total -= voucher", "return total, item"])
    assert not index.holds(["", "return None", "", "else:", "return None"])


@pytest.mark.skipif(NO_CARGO, reason="cargo is not installed")
def test_rust_environment_has_a_lock_and_is_rebuilt_from_manifests(
    tmp_path: Path, cache: Path
) -> None:
    seed = take_seed(str(write_files(tmp_path / "crate", CRATE)), cache=cache)
    tree = tmp_path / "tree"
    workspace.copy_tree(seed.tree, tree)

    environment = build_environment(seed, cache)
    laid = lay_environment_files(environment, tree)
    again = rebuild(record(environment, tmp_path / "environment"), tmp_path / "cache")

    assert laid == ("Cargo.lock",)
    assert b'name = "tiny"' in workspace.read(tree, "Cargo.lock")[1]
    assert lay_environment_files(environment, tree) == ()
    assert environment.toolchain.startswith("rustc 1.")
    assert (again.key, again.files, again.notes) == (environment.key, environment.files, ())
