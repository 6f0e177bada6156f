"""
A bundle's `environment/` folder: the facts that rebuild an environment, the same on every machine.
"""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import yaml

from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.sandbox import Limits
from cab_tasks.workspace import read_files

if TYPE_CHECKING:
    from collections.abc import Iterable

FACTS = "environment.yaml"
LOCKS = {"python": "requirements.txt", "rust": "Cargo.lock"}
LANGUAGES = (*LOCKS, "go", "java")
_SCHEMA = "cab-environment/v1"
_TEMPLATES = Path(__file__).parents[2] / "task_templates" / "prompts"
Files = tuple[tuple[str, bytes], ...]


def environment_files(language: str, toolchain: str, rest: Iterable[tuple[str, bytes]]) -> Files:
    """
    The folder's files, sorted: facts, Dockerfile, and `rest` (lock, `site/`).
    """
    own = ((FACTS, _facts(language, toolchain)), ("Dockerfile", _dockerfile(language, toolchain)))
    return tuple(sorted((*own, *rest)))


def _facts(language: str, toolchain: str) -> bytes:
    limits = Limits()
    facts = {
        "schema": _SCHEMA,
        "language": language,
        "toolchain": toolchain,
        "architecture": platform.machine(),
        "system_packages": [],
        "network": "none",
        "limits": {
            "memory_bytes": limits.memory_bytes,
            "processes": limits.processes,
            "disk_bytes": limits.disk_bytes,
        },
    }
    return yaml.safe_dump(facts, sort_keys=False).encode()


def _dockerfile(language: str, toolchain: str) -> bytes:
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    environment = jinja2.Environment(
        loader=loader,
        autoescape=False,  # a Dockerfile is no HTML
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    version = toolchain.split()[1]
    facts = {
        "language": language,
        "toolchain": toolchain,
        "version": version,
        "system_packages": [],
    }
    return environment.get_template("Dockerfile.j2").render(facts).encode()


def files_key(files: Files) -> str:
    """
    An environment's name: the hash of its files.
    """
    whole = hashlib.sha256()
    for path, data in files:
        whole.update(f"{hashlib.sha256(data).hexdigest()} {path}\n".encode())
    return whole.hexdigest()[:32]


def read_record(folder: Path) -> tuple[str, str, Files]:
    """
    Language, toolchain and files of a bundle's `environment/`.

    Raises:
        SeedEnvironmentError: it does not say what has to be built.
    """
    files = read_files(folder) if folder.is_dir() else ()
    data = dict(files).get(FACTS)
    if data is None:
        raise SeedEnvironmentError(f"{folder}: no {FACTS}; it names language and toolchain")
    try:
        facts = yaml.safe_load(data)
    except yaml.YAMLError as error:
        raise SeedEnvironmentError(f"{folder / FACTS}: not YAML: {error}") from error
    stated = facts if isinstance(facts, dict) else {}
    language, toolchain = stated.get("language"), stated.get("toolchain")
    if language not in LANGUAGES or not isinstance(toolchain, str) or len(toolchain.split()) != 2:
        known = ", ".join(LANGUAGES)
        raise SeedEnvironmentError(
            f"{folder / FACTS}: needs language ({known}) and toolchain (`cpython 3.11.7`)"
        )
    return language, toolchain, files
