"""
What right code an agent could read in its environment: an index of every source file there.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.workspace import lock, paths, place, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cab_tasks.model import Environment

WINDOW_LINES = 3
WINDOW_LETTERS = 60  # shorter windows (`else:`, `return None`, `}`) stand in every code base
_SOURCES = {
    "python": (".py", ".pyi", ".pyx"),
    "rust": (".rs",),
    "go": (".go",),
    "java": (".java",),
}
_VERSION = 1  # of the index on disk


@dataclass(frozen=True, slots=True)
class Copies:
    """
    Hashes of all windows of three lines in an environment, sorted.
    """

    parts: tuple[array[int], ...]

    def holds(self, lines: Sequence[str]) -> bool:
        """
        Whether any three neighbours of these lines, blank ones left out, stand in the environment.
        """
        return any(_is_in(part, window) for window in _windows(lines) for part in self.parts)


def copies(environment: Environment, cache: Path) -> Copies:
    """
    The index of an environment: its packages (crates), and its interpreter's standard library.

    Built once and kept in the cache; both parts by what they were built from.
    """
    parts = [_part(environment.root, environment.root, environment.language, cache)]
    if environment.interpreter is not None:
        library = _standard_library(environment.interpreter)
        parts.append(_part(library, library, environment.language, cache))
    return Copies(tuple(parts))


def _standard_library(interpreter: Path) -> Path:
    """
    The folder `lib/python3.11` of the interpreter that a virtual environment stands on.
    """
    base = Path(os.path.realpath(interpreter))
    found = sorted(base.parent.parent.glob("lib/python3.*/os.py"))
    named = base.parent.parent / "lib" / base.name / "os.py"
    return (named if named.is_file() or not found else found[0]).parent


def _part(root: Path, name: Path, language: str, cache: Path) -> array[int]:
    """
    The index of one folder. What changes in it shows in its date, and so in the key.
    """
    facts = f"{_VERSION} {name} {root.stat().st_mtime_ns} {language}"
    kept = cache / "copies" / hashlib.sha256(facts.encode()).hexdigest()[:24]
    with lock(kept.with_suffix(".lock")):
        if not kept.is_dir():
            with place(kept, durable=False) as beside:
                write(beside, "windows", _indexed(root, language).tobytes())
    return _read(kept / "windows")


@lru_cache(maxsize=4)  # thousands of bundles ask for the same environment one after the other
def _read(path: Path) -> array[int]:
    found = array("Q")
    found.frombytes(path.read_bytes())
    return found


def _indexed(root: Path, language: str) -> array[int]:
    found: set[int] = set()
    for data in _texts(root, _SOURCES[language]):
        found.update(_windows(data.decode("utf-8", "replace").splitlines()))
    return array("Q", sorted(found))


def _texts(root: Path, suffixes: tuple[str, ...]) -> Iterator[bytes]:
    """
    Every source file below a folder, those in the wheels that ensurepip carries among them.

    The base interpreter's own site-packages is not part of the environment.
    """
    skip = ("__pycache__",) if (root / "pyvenv.cfg").is_file() else ("__pycache__", "site-packages")
    for path in paths(root, skip=skip):
        place_ = root / path
        if path.endswith(suffixes) and not place_.is_symlink():
            yield place_.read_bytes()
        elif path.endswith(".whl") and zipfile.is_zipfile(place_):
            with zipfile.ZipFile(place_) as wheel:
                yield from (
                    wheel.read(name) for name in wheel.namelist() if name.endswith(suffixes)
                )


def _windows(lines: Iterable[str]) -> Iterator[int]:
    kept = [stripped for line in lines if (stripped := line.strip())]
    for first, second, third in zip(kept, kept[1:], kept[2:], strict=False):
        if len(first) + len(second) + len(third) >= WINDOW_LETTERS:
            text = f"{first}\n{second}\n{third}".encode("utf-8", "surrogatepass")
            yield int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def _is_in(part: array[int], window: int) -> bool:
    at = bisect_left(part, window)
    return at < len(part) and part[at] == window
