"""
Finds mutators: those of a language's folder, of installed packages, of a file that the user names.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from mutators.base import AnyMutator, Mutator

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

ENTRY_POINTS = "cab_tasks.mutators"
LANGUAGES = ("python", "rust")


def built_in(language: str) -> tuple[AnyMutator, ...]:
    """
    Every mutator of a language's folder, sorted by id then class name.
    """
    package = importlib.import_module(f"mutators.{language}")
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return _sorted(mutator for module in modules for mutator in _defined_in(module))


def installed() -> tuple[AnyMutator, ...]:
    """
    Mutators that other packages announce in the entry-point group `cab_tasks.mutators`.
    """
    return _sorted(point.load()() for point in entry_points(group=ENTRY_POINTS))


def from_file(path: Path) -> tuple[AnyMutator, ...]:
    """
    Mutators defined in a Python file of the user's; it is imported, so it runs.
    """
    spec = importlib.util.spec_from_file_location(f"cab_user_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # so that its mutators can be pickled
    spec.loader.exec_module(module)
    return _sorted(_defined_in(module))


def _defined_in(module: ModuleType) -> list[AnyMutator]:
    return [
        item()
        for item in vars(module).values()
        if inspect.isclass(item)
        and issubclass(item, Mutator)
        and not inspect.isabstract(item)
        and item.__module__ == module.__name__
    ]


def _sorted(mutators: object) -> tuple[AnyMutator, ...]:
    found: list[AnyMutator] = list(mutators)  # type: ignore[call-overload]  # any iterable of them
    return tuple(sorted(found, key=lambda mutator: (mutator.id, type(mutator).__name__)))


def bridge(language: str) -> ModuleType:
    """
    The language's `source.py`: `parse(data, path) -> Source | Refusal`.
    """
    return importlib.import_module(f"mutators.{language}.source")


def test_bridge(language: str) -> ModuleType:
    """
    The language's `tests.py`: finds and cuts tests in source.
    """
    return importlib.import_module(f"mutators.{language}.tests")


def twin_bridge(language: str) -> ModuleType:
    """
    The language's `_twins.py`: `perturbable(data, names, failures, salt, copies)`.
    """
    return importlib.import_module(f"mutators.{language}._twins")


def blind_bridge(language: str) -> ModuleType:
    """
    The language's `_blind.py`: `blinded(data, functions) -> Blinded | Refusal`.
    """
    return importlib.import_module(f"mutators.{language}._blind")


def comment_bridge(language: str) -> ModuleType:
    """
    The language's `_comments.py`: `comment_lines(data) -> tuple[str, ...] | Refusal`.
    """
    return importlib.import_module(f"mutators.{language}._comments")


def outline_bridge(language: str) -> ModuleType:
    """
    The language's `_outline.py`: `outline(data) -> Outline | Refusal`, of text made to hurt, too.
    """
    return importlib.import_module(f"mutators.{language}._outline")
