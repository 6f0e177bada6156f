"""
Where a seed can break: every mutant that its mutators offer, before any is tried.
"""

from __future__ import annotations

import bisect
import functools
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks.bundle import walk
from cab_tasks.executors.processes import map_in_processes
from cab_tasks.globs import matches
from cab_tasks.model import Mutant, Reach, Seed
from mutators.base import Edit, Refusal
from mutators.registry import bridge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mutators.base import AnyMutator, Source

SUFFIXES = {"python": ".py", "rust": ".rs"}
# Never product code, whatever the seed's own globs say.
NOT_PRODUCT = (
    "setup.py", "conftest.py", "noxfile.py", "build.rs", "docs/**", "doc/**", "benches/**",
    "benchmark/**", "benchmarks/**", "bench/**", "examples/**", "example/**", "fuzz/**",
    "scripts/**", "tools/**", "vendor/**", "**/_vendor/**", "**/vendored/**", "xtask/**",
    "**/*_pb2.py", "**/migrations/**",
)  # fmt: skip
_COMMENTS = re.compile(rb"(?:\s+|(?:#|//)[^\n]*\n)*")
GENERATED_MAX_BYTES = 400_000  # larger sources are tables or generated; a parse takes seconds


@dataclass(frozen=True, slots=True)
class Sites:
    """
    All mutants in file, then position order; files and places left alone, with reasons.

    `lines` counts the product code's lines. `unreached` and `copied` count mutants that were
    dropped because no test reaches them, or because their right code stands in the environment.
    """

    mutants: tuple[Mutant, ...]
    files: int
    lines: int
    refused: tuple[tuple[str, str], ...] = ()  # (path, reason)
    unreached: int = 0
    copied: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """
    All mutants of one file, whether tests reach them or not; `refusal` is why it has none.
    """

    path: str
    mutants: tuple[Mutant, ...] = ()
    refusal: str = ""


def offers_of(
    seed: Seed, mutators: Sequence[AnyMutator], paths: Sequence[str] = (), jobs: int = 1
) -> tuple[Offer, ...]:
    """
    What each product file offers, sorted by path; a pure function of its bytes and the mutators.
    """
    is_ours = all(type(one).__module__.startswith("mutators.") for one in mutators)
    call = functools.partial(_offer, seed.suite.language, tuple(mutators))
    files = list(product_files(seed, paths))
    return tuple(map_in_processes(call, files, jobs if is_ours else 1, chunk=1))


def _offer(language: str, mutators: tuple[AnyMutator, ...], file: tuple[str, bytes]) -> Offer:
    path, data = file
    source = bridge(language).parse(data, path)
    if isinstance(source, Refusal):
        return Offer(path, refusal=source.reason)
    return Offer(path, tuple(_mutants_in(source, mutators)))


def find_sites(
    seed: Seed,
    offers: Sequence[Offer],
    *,
    reach: Reach | None = None,
    is_copied: Callable[[Sequence[str]], bool] = lambda lines: False,
) -> Sites:
    """
    Every distinct mutant of the seed's product code.

    With `reach`, only mutants on lines that tests execute stay. `is_copied` tells whether three
    lines of right code can be read elsewhere.
    """
    mutants: list[Mutant] = []
    dropped: Counter[str] = Counter()
    total_lines = 0
    for offer in offers:
        data = (seed.tree / offer.path).read_bytes()
        lines = data.splitlines()
        total_lines += 0 if offer.refusal else len(lines)
        windows = _Windows(lines)
        copied: dict[int, bool] = {}  # by line: many mutants share one
        for mutant in offer.mutants:
            if reach is not None and not is_reached(mutant, data, reach):
                dropped["unreached"] += 1
                continue
            if mutant.line not in copied:
                copied[mutant.line] = is_copied(windows.around(mutant.line))
            if copied[mutant.line]:
                dropped["copied"] += 1
            else:
                mutants.append(mutant)
    refused = tuple((offer.path, offer.refusal) for offer in offers if offer.refusal)
    return Sites(
        tuple(mutants), len(offers), total_lines, refused, dropped["unreached"], dropped["copied"]
    )


def product_files(seed: Seed, paths: Sequence[str] = ()) -> Iterator[tuple[str, bytes]]:
    """
    (path, bytes) of every file that mutators may touch, sorted by path.
    """
    suffix = SUFFIXES[seed.suite.language]
    for path, entry in sorted(walk(seed.tree), key=lambda pair: pair[0]):
        if not path.endswith(suffix) or entry.is_symlink():
            continue
        if matches(path, (*NOT_PRODUCT, *seed.suite.test_globs)):
            continue
        if paths and not matches(path, tuple(paths)):
            continue
        if entry.stat(follow_symlinks=False).st_size <= GENERATED_MAX_BYTES:
            yield path, (seed.tree / path).read_bytes()


def is_reached(mutant: Mutant, data: bytes, reach: Reach) -> bool:
    """
    Whether tests execute the mutated code: its first line, and where a block goes, its inside.
    """
    reached = reach.lines.get(mutant.path, frozenset())
    for edit in mutant.edits:
        first = data.count(b"\n", 0, edit.start + _before_code(edit.old)) + 1
        last = data.count(b"\n", 0, edit.start + len(edit.old.rstrip())) + 1
        if first not in reached:
            return False
        inside = range(first + 1, last + 1)
        if inside and not any(line in reached for line in inside):
            return False
    return True


def _before_code(text: bytes) -> int:
    """
    Bytes of blank lines and comments in front of the code that an edit takes away.
    """
    skipped = _COMMENTS.match(text)
    return skipped.end() if skipped and skipped.end() < len(text) else 0


def _mutants_in(source: Source, mutators: Sequence[AnyMutator]) -> Iterator[Mutant]:
    """
    Distinct mutants in source order; the first mutator (by id) keeps an edit that two offer.
    """
    seen: set[tuple[Edit, ...]] = set()
    found: list[Mutant] = []
    for mutator in mutators:
        for offered in mutator.edits(source):
            edits = tuple(sorted((offered,) if isinstance(offered, Edit) else offered))
            trimmed = tuple(_trim(edit) for edit in edits)
            if trimmed in seen or any(edit.old == edit.new for edit in edits):
                continue
            seen.add(trimmed)
            found.append(_mutant(source, mutator.code(), edits))
    yield from sorted(found, key=lambda mutant: (mutant.edits[0].start, mutant.mutator))


def _mutant(source: Source, code: str, edits: tuple[Edit, ...]) -> Mutant:
    start = edits[0].start + _before_code(edits[0].old)
    symbol = source.symbol_at(start)
    line_start = source.data.rfind(b"\n", 0, start) + 1
    key = repr((source.path, code, [(edit.start, edit.old, edit.new) for edit in edits]))
    return Mutant(
        mutator=code,
        path=source.path,
        edits=edits,
        symbol=symbol.name if symbol else "",
        symbol_lines=(symbol.first_line, symbol.last_line) if symbol else (0, 0),
        line=source.data.count(b"\n", 0, start) + 1,
        column=start - line_start + 1,
        fingerprint=hashlib.sha256(key.encode()).hexdigest()[:16],
    )


def _trim(edit: Edit) -> Edit:
    """
    The edit without the bytes that `old` and `new` share at both ends.
    """
    old, new = edit.old, edit.new
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Edit(edit.start + head, old[head : len(old) - tail], new[head : len(new) - tail])


class _Windows:
    """
    The non-blank lines of one file, stripped, to be asked for three around a line.
    """

    def __init__(self, lines: Sequence[bytes]) -> None:
        kept = [(at, text.strip()) for at, text in enumerate(lines, 1) if text.strip()]
        self._numbers = [at for at, _ in kept]
        self._texts = [text.decode("utf-8", "replace") for _, text in kept]

    def around(self, line: int) -> list[str]:
        at = bisect.bisect_left(self._numbers, line)
        low = max(0, min(at - 1, len(self._texts) - 3))
        return self._texts[low : low + 3]
