"""
Go and Java: an environment is the installed toolchain; tasks in them have no dependencies yet.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.environment.record import environment_files, files_key
from cab_tasks.environment.tools import prefix_mounts, run_tool
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.model import Environment
from cab_tasks.sandbox import ENV, Mount, Policy
from cab_tasks.workspace import lock, place

if TYPE_CHECKING:
    from cab_tasks.environment.record import Files

GO_CACHE = "cache"  # in an environment's root: built packages of Go's standard library
GO_VARIABLES = (
    ("CGO_ENABLED", "0"),
    ("GO111MODULE", "on"),
    ("GOENV", "off"),
    ("GOFLAGS", ""),
    ("GOPROXY", "off"),
    ("GOTELEMETRY", "off"),
    ("GOTOOLCHAIN", "local"),
    ("GOWORK", "off"),
)
_GO_OLDEST = (1, 20)  # the first whose test programs mark their own lines
# With all that these import; anything else of it is built when a task's tests are.
_GO_LIBRARY = (
    *("encoding/json", "net/http/httptest", "regexp", "testing/fstest", "text/template"),
    "testing/internal/testdeps",  # what the main function of every test program imports
)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """
    A toolchain's own folder; `name` is `go 1.26.8` or `javac 17.0.15`.
    """

    root: Path
    name: str
    mounts: tuple[Mount, ...]

    @property
    def path(self) -> str:
        """
        PATH with its programs first.
        """
        return f"{self.root}/bin:/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class _Kind:
    program: str
    asks: str
    version: str
    install: str


_KINDS = {
    "go": _Kind("go", "version", r"\bgo(\d+\.\d+[.\w]*)", "go.dev/dl"),
    "java": _Kind("javac", "-version", r"javac (\d+[.\w]*)", "a JDK, such as default-jdk-headless"),
}
INSTALLED = tuple(_KINDS)


def build_installed(language: str, cache: Path, policy: Policy) -> Environment:
    """
    The environment of a language's toolchain as it is installed.

    Raises:
        SeedEnvironmentError: it is not, or is too old.
    """
    toolchain = find_toolchain(language, policy)
    files = environment_files(language, toolchain.name, ())
    return _made(language, toolchain, files, cache, policy, ())


def rebuild_installed(
    language: str, files: Files, toolchain: str, cache: Path, policy: Policy
) -> Environment:
    """
    The same from a bundle's files; another release is a note.

    Raises:
        SeedEnvironmentError: no toolchain is installed, or it is too old.
    """
    found = find_toolchain(language, policy)
    note = f"built with {found.name}, recorded is {toolchain}"
    notes = (note,) if found.name != toolchain else ()
    return _made(language, found, files, cache, policy, notes)


def find_toolchain(language: str, policy: Policy = Policy.AUTO) -> Toolchain:
    """
    The toolchain that the language's compiler on the PATH belongs to.

    Raises:
        SeedEnvironmentError: there is none, or it is too old.
    """
    kind = _KINDS[language]
    program = shutil.which(kind.program)
    if program is None:
        raise SeedEnvironmentError(f"no {kind.program} on the PATH; install {kind.install}")
    return _inspected(language, Path(program).resolve(), policy)


@lru_cache(maxsize=8)
def _inspected(language: str, program: Path, policy: Policy) -> Toolchain:
    kind = _KINDS[language]
    root = program.parent.parent
    mounts = (*prefix_mounts(root), *_settings(root))
    argv = (str(program), kind.asks)
    finished = run_tool(
        argv,
        what=f"{kind.program} {kind.asks}",
        policy=policy,
        mounts=mounts,
        env=GO_VARIABLES,
        network=False,
    )
    version = re.search(
        kind.version, (finished.stdout + finished.stderr).decode("utf-8", "replace")
    )
    if version is None:
        raise SeedEnvironmentError(f"{root}: tells no version; is it a toolchain of {language}?")
    if language == "go" and _numbers(version[1]) < _GO_OLDEST:
        oldest = ".".join(map(str, _GO_OLDEST))
        raise SeedEnvironmentError(f"go {version[1]} is too old; install {oldest} or newer")
    return Toolchain(root, f"{kind.program} {version[1]}", mounts)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _settings(root: Path) -> tuple[Mount, ...]:
    """
    Folders below /etc that a toolchain's links lead to: Debian keeps a JDK's settings there.
    """
    found = set()
    for folder, _, names in os.walk(root):
        for name in names:
            place_ = Path(folder, name)
            if place_.is_symlink() and (target := place_.resolve()).parts[1:2] == ("etc",):
                found.add(Path("/etc", target.parts[2]))
    return tuple(Mount(place_, str(place_)) for place_ in sorted(found) if place_.is_dir())


def _made(
    language: str,
    toolchain: Toolchain,
    files: Files,
    cache: Path,
    policy: Policy,
    notes: tuple[str, ...],
) -> Environment:
    key = files_key(files)
    place_key = hashlib.sha256(f"{toolchain.name} {toolchain.root}".encode()).hexdigest()
    root = cache / "environments" / f"{language}-{place_key[:24]}"
    with lock(root.with_suffix(".lock")):
        if not root.is_dir():
            with place(root, durable=False) as beside:
                if language == "go":
                    _build_library(toolchain, beside, policy)
    return Environment(
        language=language, key=key, root=root, toolchain=toolchain.name, files=files, notes=notes
    )


def _build_library(toolchain: Toolchain, root: Path, policy: Policy) -> None:
    """
    Build once what every run would build again: runs get copies, so none can change it.
    """
    run_tool(
        (f"{toolchain.root}/bin/go", "build", *_GO_LIBRARY),
        what="building Go's standard library",
        policy=policy,
        mounts=(*toolchain.mounts, Mount(root, ENV, writable=True)),
        env=(*GO_VARIABLES, ("PATH", toolchain.path), ("GOCACHE", f"{ENV}/{GO_CACHE}")),
        network=False,
    )
