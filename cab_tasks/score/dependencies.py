"""
The dependencies that a project file names: of pip, npm, Go modules and cargo.
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from typing import TYPE_CHECKING, Any

from cab_tasks.score.lines import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")
_GO_BLOCK = re.compile(r"^require\s*\(([^)]*)\)", re.MULTILINE)
_GO_LINE = re.compile(r"^require\s+([^\s(]\S*)", re.MULTILINE)
_NPM = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def new_dependencies(path: str, before: bytes, after: bytes) -> tuple[str, ...]:
    """
    What a project file names that it did not name before; another version is nothing new.

    A file that cannot be understood is compared by its lines. Empty for any other file.
    """
    names = _names_of(path)
    if names is None:
        return ()
    if len(after) > MAX_BYTES:
        return ("a file too long to be read",)
    try:
        found = set(names(_text(after))) - set(names(_text(before)))
    except (ValueError, RecursionError):
        found = set(_text(after).split("\n")) - set(_text(before).split("\n"))
    return tuple(sorted(name.strip() for name in found if name.strip()))


def _names_of(path: str) -> Callable[[str], Iterator[str]] | None:
    name = posixpath.basename(path)
    if name.startswith("requirements") and name.endswith((".txt", ".in")):
        return _of_pip
    return {"package.json": _of_npm, "go.mod": _of_go, "Cargo.toml": _of_cargo}.get(name)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _of_pip(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        bare = line.partition("#")[0].strip()
        if match := _REQUIREMENT.match(bare):
            yield re.sub(r"[-_.]+", "-", match[1]).lower()
        elif bare and not bare.startswith("--hash"):
            yield bare  # `-r other.txt`, `-e .`, an address


def _of_npm(text: str) -> Iterator[str]:
    plain = json.loads(text) if text.strip() else {}
    for part in _NPM:
        yield from _table(plain, part)


def _of_go(text: str) -> Iterator[str]:
    yield from _GO_LINE.findall(text)
    for block in _GO_BLOCK.findall(text):
        for line in block.split("\n"):
            yield from line.partition("//")[0].split()[:1]


def _of_cargo(text: str) -> Iterator[str]:
    plain = tomllib.loads(text)
    targets = _table(plain, "target").values()
    for table in (plain, _table(plain, "workspace"), *targets):
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from _table(table, kind)


def _table(plain: Any, key: str) -> dict[str, Any]:
    """
    A table of a table, an empty one for anything else.
    """
    inner = plain.get(key) if isinstance(plain, dict) else None
    return inner if isinstance(inner, dict) else {}
