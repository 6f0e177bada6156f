"""
A peer's mutants as records of ours, and the tests that reach a mutant.
"""

from __future__ import annotations

import functools
import hashlib
import json
from typing import TYPE_CHECKING, Any

from cab_tasks.model import Mutant, Reach, Seed
from mutators.base import Edit, Refusal
from mutators.registry import bridge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def mutants_of(seed: Seed, path: Path) -> tuple[Mutant, ...]:
    """
    A peer's mutants: `{"name", "path", "edits": [[start, old, new]]}` each.
    """
    return tuple(_mutant(seed, **plain) for plain in json.loads(path.read_text()))


def _mutant(seed: Seed, name: str, path: str, edits: Sequence[Any]) -> Mutant:
    made = tuple(Edit(start, old.encode(), new.encode()) for start, old, new in edits)
    source = _parsed(seed.tree, seed.suite.language, path)
    start = made[0].start
    symbol = source.symbol_at(start)
    line_start = source.data.rfind(b"\n", 0, start) + 1
    return Mutant(
        mutator=f"peer:{name}",
        path=path,
        edits=made,
        symbol=symbol.name if symbol else "",
        symbol_lines=(symbol.first_line, symbol.last_line) if symbol else (0, 0),
        line=source.data.count(b"\n", 0, start) + 1,
        column=start - line_start + 1,
        fingerprint=hashlib.sha256(name.encode()).hexdigest()[:16],
    )


@functools.cache
def _parsed(tree: Path, language: str, path: str) -> Any:
    source = bridge(language).parse((tree / path).read_bytes(), path)
    if isinstance(source, Refusal):
        raise SystemExit(f"{path}: {source.reason}")
    return source


def reaching(mutant: Mutant, reach: Reach, green: Sequence[str]) -> list[str]:
    """
    Green tests that execute a line of the mutant's, all of them where it runs at import.
    """
    last = mutant.line + max(edit.old.rstrip().count(b"\n") for edit in mutant.edits)
    lines = range(mutant.line, last + 1)
    if not reach.imported.get(mutant.path, frozenset()).isdisjoint(lines):
        return list(green)
    found = {test for line in lines for test in reach.tests.get((mutant.path, line), ())}
    return [test for test in green if test in found]
