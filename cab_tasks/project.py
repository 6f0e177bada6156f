"""
What a repository says about itself: its settings for us, and its own project files.
"""

from __future__ import annotations

import configparser
import shlex
import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from cab_tasks.errors import SeedError

if TYPE_CHECKING:
    from pathlib import Path

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """
    The table `[tool.cab-tasks]` of pyproject.toml, or cab.toml; empty where nothing is said.
    """

    language: str = ""
    framework: str = ""
    test_command: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    test_globs: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()  # shell lines that make ignored files, run with the network
    python: str = ""
    packages: tuple[str, ...] = ()  # further requirements of the tests
    license: str = ""


def read_settings(tree: Path) -> Settings:
    """
    The settings of a tree; cab.toml goes before pyproject.toml.

    Raises:
        SeedError: a key is unknown or has the wrong type.
    """
    name, table = "cab.toml", read_toml(tree, "cab.toml")
    if not table:
        name = "pyproject.toml"
        table = table_at(read_toml(tree, name), "tool", "cab-tasks")
    known = {field.name.replace("_", "-"): field.name for field in fields(Settings)}
    for key in table:
        if key not in known:
            raise SeedError(f"{name}: unknown setting {key}; known are {', '.join(sorted(known))}")
    return Settings(**{known[key]: _setting(name, key, value) for key, value in table.items()})


def _setting(name: str, key: str, value: object) -> Any:
    if key in ("language", "framework", "python", "license"):
        if isinstance(value, str):
            return value
        raise SeedError(f"{name}: {key} must be a string")
    if key == "env":
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return tuple(sorted(value.items()))
        raise SeedError(f"{name}: env must be a table of strings")
    if isinstance(value, str):
        return tuple(shlex.split(value)) if key == "test-command" else (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise SeedError(f"{name}: {key} must be a list of strings")


def read_text(tree: Path, path: str) -> str:
    """
    A file's text, empty where there is no such regular file; undecodable bytes are replaced.
    """
    place = tree / path
    if place.is_symlink() or not place.is_file():
        return ""
    return place.read_bytes().decode("utf-8-sig", "replace")


def read_toml(tree: Path, path: str) -> Table:
    """
    A TOML file's table, empty where there is no file.

    Raises:
        SeedError: it is not TOML.
    """
    try:
        return tomllib.loads(read_text(tree, path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SeedError(f"{path}: not valid TOML ({error}); mend it in the repository") from error


def table_at(table: Table, *keys: str) -> Table:
    """
    A table inside tables, empty where one of them is missing or no table.
    """
    for key in keys:
        found = table.get(key)
        table = found if isinstance(found, dict) else {}
    return table


def strings_at(table: Table, *keys: str) -> tuple[str, ...]:
    """
    A list of strings inside tables; a single string counts as a list of one.
    """
    value = table_at(table, *keys[:-1]).get(keys[-1])
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def read_ini(tree: Path, path: str) -> configparser.RawConfigParser:
    """
    An INI file as setup.cfg and tox.ini are; what cannot be parsed counts as absent.
    """
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(read_text(tree, path))
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser


def ini_lines(parser: configparser.RawConfigParser, section: str, key: str) -> tuple[str, ...]:
    """
    The non-empty lines of one INI value, comments left out.
    """
    lines = (
        line.split(" #")[0].strip() for line in parser.get(section, key, fallback="").splitlines()
    )
    return tuple(line for line in lines if line and not line.startswith("#"))
