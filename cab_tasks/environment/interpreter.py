"""
Which Python interpreter a seed is run with.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from cab_tasks.environment.tools import prefix_mounts, run_tool
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.sandbox import Policy

_REPORT = "import platform; print(platform.python_implementation(), platform.python_version())"
_MINOR = re.compile(r"python(3\.\d+)$")
_MINORS = tuple(f"3.{minor}" for minor in range(14, 7, -1))
_FOLDERS = (".pyenv/versions", ".local/share/uv/python", ".local/share/mise/installs/python")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """
    A base interpreter (never a virtual environment's); `toolchain` is `cpython 3.11.7`.
    """

    path: Path
    toolchain: str

    @property
    def version(self) -> str:
        return self.toolchain.split()[1]

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    @property
    def prefix(self) -> Path:
        return self.path.parent.parent


def choose_interpreter(
    asked: str | None, requires: str = "", policy: Policy = Policy.AUTO
) -> Interpreter:
    """
    The interpreter that was asked for (a path or `3.12`), else the running one where it fits.

    Raises:
        SeedEnvironmentError: none on this machine fits.
    """
    if asked and ("/" in asked or not re.fullmatch(r"\d+(\.\d+){1,2}", asked)):
        return _inspected(_path_of(asked), policy)
    wanted = _specifier(f"=={'.'.join(asked.split('.')[:2])}.*" if asked else requires)
    for path in (_running(), *(_others())):
        if (minor := _minor_of(path)) and _allows(wanted, minor):
            return _inspected(path, policy)
    raise SeedEnvironmentError(
        f"no Python {asked or requires} on this machine; install one or name it by --python"
    )


def _specifier(requires: str) -> SpecifierSet:
    try:
        return SpecifierSet(requires)
    except InvalidSpecifier:
        return SpecifierSet()  # old packages state what no tool can read; pip ignores it too


def _allows(wanted: SpecifierSet, minor: str) -> bool:
    running = ".".join(str(part) for part in sys.version_info[:3])
    exact = running if running.startswith(f"{minor}.") else f"{minor}.99"
    return wanted.contains(exact, prereleases=True)


def _running() -> Path:
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    base = Path(sys.base_prefix, "bin", name)
    return base.resolve() if base.exists() else Path(os.path.realpath(sys.executable))


def _others() -> list[Path]:
    named = (shutil.which(f"python{minor}") for minor in _MINORS)
    found = [Path(path).resolve() for path in named if path]
    for folder in _FOLDERS:
        found += sorted(Path.home().joinpath(folder).glob("*/bin/python3.*"), reverse=True)
    return [path.resolve() for path in found if "shims" not in path.parts]


def _minor_of(path: Path) -> str:
    match = _MINOR.search(path.name)
    return match[1] if match else ""


def _path_of(asked: str) -> Path:
    found = shutil.which(asked)
    if found is None:
        raise SeedEnvironmentError(f"--python {asked}: no such program")
    path = Path(found)
    home = path.parent.parent / "pyvenv.cfg"
    if home.is_file():
        base = re.search(r"(?m)^home\s*=\s*(.+)$", home.read_text(encoding="utf-8"))
        path = Path(base[1].strip(), path.name) if base else path
    return path.resolve()


@lru_cache(maxsize=32)
def _inspected(path: Path, policy: Policy) -> Interpreter:
    finished = run_tool(
        (str(path), "-I", "-c", _REPORT),
        what=f"Python at {path}",
        policy=policy,
        mounts=prefix_mounts(path.parent.parent),
        network=False,
    )
    name, version = finished.stdout.decode().split()
    return Interpreter(path, f"{name.lower()} {version}")
