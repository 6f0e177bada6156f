"""
What an attempt may not do: change what decides the verdict, or stand in for it.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks import workspace
from cab_tasks.attempt import MAX_PATH_BYTES, Attempt, Changed
from cab_tasks.globs import matches
from cab_tasks.hiding import CONFIGURATION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cab_tasks.bundle import Bundle

_COMPILED = (".pyc", ".pyo")
_MADE_BY_CARGO = "Cargo.lock"  # by any honest build; the environment's own is laid
_EXTENSIONS = (".so", ".pyd")
# Modules that a Python test run stands on; the rest of the library is only left out.
_OF_RUNNER = frozenset(
    ("_cab", "_pytest", "hypothesis", "iniconfig", "pluggy", "py", "pytest", "unittest")
)
_METADATA = (".dist-info", ".egg-info")
_ASSERTIONS = r"(?:debug_)?assert(?:_eq|_ne|_matches)?|panic|matches"
_USED_IN_TESTS = (
    rf"{_ASSERTIONS}|unreachable|unimplemented|todo|vec|format|write|writeln|print|println"
    "|eprint|eprintln|dbg"
)
# Possessive throughout: who writes the text also chooses how long a match takes.
_MACROS = re.compile(
    # Any name but a plain other one: a macro may write it, a comment may stand before it.
    rf"\bmacro_rules\b(?!\s*+!\s*+(?:r\#)?+(?!(?:{_USED_IN_TESTS})\b)[A-Za-z_])"
    rf"|\bas(?:\s++(?:r\#)?+(?:{_ASSERTIONS})\s*+[;,}}/]|\s*+/[/*])"
)
_INNER_ATTRIBUTES = re.compile(
    r"\#\s*+(?:!\s*+\[(?!\s*+(?:allow|warn|deny|forbid|expect|doc)\b)[^\]\n]{0,80}|/[/*])"
)


@dataclass(slots=True)
class Sifted:
    """
    What of an attempt is taken over, and findings for what it was not allowed to do.
    """

    taken: dict[str, bytes | Changed | None] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def sift(bundle: Bundle, attempt: Attempt) -> Sifted:
    """
    Leave out what decides the verdict: tests, configuration, and what would stand in their place.
    """
    sifted = Sifted()
    fixed = _Fixed(bundle)
    for path, entry in sorted(attempt.items()):
        objection = fixed.objection(path, entry)
        if objection is None:
            sifted.taken[path] = entry
        elif objection:
            sifted.findings.append(f"{path}: {objection}")
    return sifted


class _Fixed:
    """
    The files of a bundle that stay as they are, whatever an attempt does.
    """

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        self._workdir = bundle.workdir
        self._language = manifest.language
        self._protected = manifest.tests.protected
        self._configuration = CONFIGURATION.get(manifest.language, ())
        self._wanted = frozenset(manifest.ground_truth_files)
        hidden = bundle.root / format_.HIDDEN_TESTS
        self._hidden = frozenset(workspace.paths(hidden) if hidden.is_dir() else ())
        own = {path for path in workspace.paths(bundle.workdir) if self._is_protected(path)}
        self._fixed = own | self._hidden | {module.path for module in manifest.tests.infile}
        self._modules = {test[:-3] for test in self._hidden if _is_module(test)}
        self._folders = {folder for path in self._fixed for folder in _folders(path)}
        self._roots = _import_roots(manifest.tests.command)
        self._tops = {root: _names_in(bundle.workdir / root) for root in self._roots}

    def objection(self, path: str, entry: bytes | Changed | None) -> str | None:
        """
        None: taken over. Else left out: "" silently, as an honest attempt does it too.
        """
        if len(os.fsencode(path)) > MAX_PATH_BYTES:
            return "too deep"
        if self._language == "python" and _is_compiled(path):
            return _forgery(path, entry)
        if self._is_protected(path):
            return self._shadow_objection(path, entry) or self._protection(path)
        if entry is not None and (
            path in self._folders or not self._fixed.isdisjoint(_folders(path))
        ):
            return "stands in the place of a file that stays"
        if self._language == "python" and entry is not None:
            return self._python_objection(path, entry)
        return None

    def _shadow_objection(self, path: str, entry: bytes | Changed | None) -> str:
        is_shadow = self._language == "python" and entry is not None and self._is_shadow(path)
        return "would be imported instead of a test" if is_shadow else ""

    def _python_objection(self, path: str, entry: bytes | Changed) -> str | None:
        if objection := self._shadow_objection(path, entry):
            return objection
        if _names_plugins(path, entry):
            return "metadata of an installed package, which can name plugins"
        module = self._stand_in(path)
        if module in _OF_RUNNER:
            return "would be imported instead of a module of the test run"
        return "" if module else None

    def _stand_in(self, path: str) -> str:
        """
        The library's or runner's module that a new file would be imported for; empty if none.

        Nobody names a module of a product so: it would hide the library's from all that run.
        """
        for root in self._roots:
            if root and not path.startswith(f"{root}/"):
                continue
            top = path.removeprefix(f"{root}/" if root else "").partition("/")[0]
            name = top.partition(".")[0]
            known = name in _OF_RUNNER or name in sys.stdlib_module_names
            if known and top not in self._tops[root] and _is_importable(path, top):
                return name
        return ""

    def _is_protected(self, path: str) -> bool:
        if matches(path, self._protected):
            return True
        return matches(path, self._configuration) and path not in self._wanted

    def _is_in_place(self, path: str) -> bool:
        return path in self._folders or not self._fixed.isdisjoint(_folders(path))

    def _is_shadow(self, path: str) -> bool:
        """
        Whether Python imports this before a test module: a package, or an extension module.
        """
        folder, _, name = path.rpartition("/")
        base = "/".join(filter(None, (folder, name.partition(".")[0])))
        if path.endswith(_EXTENSIONS) and base in self._modules:
            return True
        return not self._modules.isdisjoint(_folders(path))

    def _protection(self, path: str) -> str:
        is_new = not os.path.lexists(self._workdir / path)
        if is_new and path == _MADE_BY_CARGO:
            return ""
        configures = matches(path, self._configuration)
        if is_new and path not in self._hidden and not configures:
            return ""  # an agent's own new test: honest, and not ours to run
        return "protected, but the attempt changed it"


def _folders(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _is_module(path: str) -> bool:
    return path.endswith(".py") and not path.endswith("__init__.py")


def _is_compiled(path: str) -> bool:
    return path.endswith(_COMPILED) or "__pycache__" in path.split("/")


def _import_roots(command: str) -> tuple[str, ...]:
    """
    Folders of the tree from which Python imports as the command starts; empty: the tree itself.
    """
    words = shlex.split(command)
    paths = [word.partition("=")[2] for word in words if word.startswith("PYTHONPATH=")]
    roots = [os.path.normpath(root) for path in paths for root in path.split(":") if root]
    return tuple(dict.fromkeys(("", *("" if root == "." else root for root in roots))))


def _names_in(folder: Path) -> frozenset[str]:
    return frozenset(place.name for place in folder.iterdir()) if folder.is_dir() else frozenset()


def _is_importable(path: str, top: str) -> bool:
    is_inside = f"/{top}/" in f"/{path}"
    return is_inside or top.endswith((".py", *_EXTENSIONS)) or "." not in top


def _names_plugins(path: str, entry: bytes | Changed) -> bool:
    """
    Whether tools would read a list of plugins here, which they load before any test.
    """
    *folders, name = path.lower().split("/")
    if isinstance(entry, Changed) and entry.mode == 0o120000 and name.endswith(_METADATA):
        return True
    is_metadata = any(f".{folder}".endswith(_METADATA) for folder in folders)
    return is_metadata and name == "entry_points.txt"


def _forgery(path: str, entry: bytes | Changed | None) -> str:
    """
    Every run of Python leaves compiled files; none that is used unchecked or without its source.
    """
    data = entry.data if isinstance(entry, Changed) else entry or b""
    if path.endswith(_COMPILED) and entry is not None:
        flags = int.from_bytes(data[4:8], "little")  # PEP 552: 0b01 is "by hash, unchecked"
        if flags & 0b11 == 0b01:
            return "a compiled file that hides from the check against its source"
        if "__pycache__" not in path.split("/"):
            return "a compiled file in the place of a source"
    return ""


def shadowed_macros(bundle: Bundle, taken: Iterable[str], tree: Path) -> list[str]:
    """
    Macros and inner attributes that a Rust attempt adds and that change what its tests' words mean.

    `tree` is the laid tree. Any file counts, not only sources: `include!` takes all.
    """
    if bundle.manifest.language != "rust":
        return []
    findings = []
    for path in taken:
        added = Counter(_meanings(path, _bytes(tree / path)))
        added.subtract(_meanings(path, _bytes(bundle.workdir / path)))
        for module in bundle.manifest.tests.infile:
            if module.path == path:
                added.subtract(_meanings(path, bundle.pristine(module)))
        new = sorted(text for text, count in added.items() if count > 0)
        findings += [f"{path}: changes what the tests' code means: {text}" for text in new]
    return findings


def _meanings(path: str, data: bytes) -> list[str]:
    text = data.decode("utf-8", "replace")
    patterns = (_MACROS, _INNER_ATTRIBUTES) if path.endswith(".rs") else (_MACROS,)
    found = (match for pattern in patterns for match in pattern.finditer(text))
    return [" ".join(text[match.start() : match.end() + 24].split()) for match in found]


def _bytes(place: Path) -> bytes:
    return place.read_bytes() if place.is_file() else b""
