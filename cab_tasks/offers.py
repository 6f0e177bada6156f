"""
The mutants of a seed's files, kept: a second run on the same commit finds no site again.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mutators as package
from cab_tasks.model import Mutant
from cab_tasks.sites import Offer, offers_of
from cab_tasks.workspace import write
from mutators.base import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.model import Seed
    from mutators.base import AnyMutator

_FORMAT = 1


def kept_offers(
    seed: Seed, mutators: Sequence[AnyMutator], paths: Sequence[str], folder: Path, jobs: int
) -> tuple[Offer, ...]:
    """
    As `offers_of`; read from a file of `folder` that is named by all that they depend on.
    """
    parts = (_FORMAT, seed.tree_hash, seed.suite, tuple(paths), _words(mutators))
    name = hashlib.sha256(repr(parts).encode()).hexdigest()[:24] + ".json"
    if (folder / name).is_file():
        return _loaded((folder / name).read_text("utf-8"))
    offers = offers_of(seed, mutators, paths, jobs)
    write(folder, name + ".partial", _dumped(offers).encode())
    (folder / f"{name}.partial").replace(folder / name)
    return offers


def _words(mutators: Sequence[AnyMutator]) -> tuple[tuple[str, str], ...]:
    """
    Each mutator with the text that its edits come from.
    """
    files = [Path(inspect.getfile(type(one))) for one in mutators]
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    codes = [one.code() for one in mutators]
    return (*zip(codes, hashes, strict=True), ("", _package_hash()))


@cache
def _package_hash() -> str:
    """
    Of all that mutators stand on: bridges and what they share.
    """
    digest = hashlib.sha256()
    root = Path(package.__path__[0])
    for file in sorted(root.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _dumped(offers: Sequence[Offer]) -> str:
    plain = [
        {
            "path": offer.path,
            "refusal": offer.refusal,
            "mutants": [
                (one.mutator, one.symbol, one.symbol_lines, one.line, one.column, one.fingerprint,
                 [(e.start, e.old.decode("latin-1"), e.new.decode("latin-1")) for e in one.edits])
                for one in offer.mutants
            ],
        }
        for offer in offers
    ]  # fmt: skip
    return json.dumps(plain)


def _loaded(text: str) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            plain["path"],
            tuple(_mutant(plain["path"], one) for one in plain["mutants"]),
            plain["refusal"],
        )
        for plain in json.loads(text)
    )


def _mutant(path: str, plain: list[Any]) -> Mutant:
    mutator, symbol, lines, line, column, fingerprint, edits = plain
    made = tuple(
        Edit(start, old.encode("latin-1"), new.encode("latin-1")) for start, old, new in edits
    )
    return Mutant(mutator, path, made, symbol, (lines[0], lines[1]), line, column, fingerprint)
