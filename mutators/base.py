"""
The contract of a mutator: `Edit`, `Example`, `Mutator`, and what a language bridge gives.

Nothing here (nor in any mutator) touches disk, process, clock, environment or dice.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """
    One replacement in one file: at byte `start`, `old` becomes `new`.
    """

    start: int
    old: bytes
    new: bytes

    @property
    def end(self) -> int:
        return self.start + len(self.old)


@dataclass(frozen=True, slots=True)
class Mutation:
    """
    One bug in one file: edits sorted by start, not overlapping; usually a single one.
    """

    path: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    Why a source, or a request on it, is left alone; a value, not an exception.
    """

    reason: str


class StaleEditError(ValueError):
    """
    The bytes that an edit wants to replace are not where it says.
    """


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """
    `data` with all edits made; offsets are those of the original.

    Raises:
        StaleEditError: the old bytes are not there, or two edits overlap.
    """
    out: list[bytes] = []
    at = 0
    for edit in sorted(edits):
        if edit.start < at:
            raise StaleEditError(f"byte {edit.start}: edits overlap")
        if data[edit.start : edit.end] != edit.old:
            raise StaleEditError(f"byte {edit.start}: expected {edit.old!r}")
        out += [data[at : edit.start], edit.new]
        at = edit.end
    out.append(data[at:])
    return b"".join(out)


@dataclass(frozen=True, slots=True)
class Example:
    """
    A snippet and *all* texts that the mutator makes of it, in order; none means it must not fire.
    """

    before: str
    after: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Symbol:
    """
    A function or method: dotted name as a reader writes it, byte span, lines from 1 (inclusive).
    """

    name: str
    start: int
    end: int
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Outline:
    """
    A file's functions, outer before inner; equal fingerprints mean programs that do the same.
    """

    symbols: tuple[Symbol, ...]
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class TestItem:
    """
    A test written as a function: its path of names (`("TestSorter", "test_empty")`), and its span.

    The span takes decorators or attributes, doc comments above it and its line end along, so
    that cutting it leaves well-formed source (unless it is the only thing in its container).
    """

    names: tuple[str, ...]
    start: int
    end: int


class Source(Protocol):
    """
    Parsed source of one file, whatever the language.
    """

    path: str
    data: bytes

    def symbol_at(self, offset: int) -> Symbol | None:
        """The innermost named function or method around a byte, None outside of all."""

    def is_off_limits(self, start: int, end: int) -> bool:
        """
        Whether a span touches what no mutator may touch.

        Test code, docstrings and comments, logging and metrics, repr/Debug/Display, type-only
        code, generated code, conditionally compiled code.
        """

    def fingerprint(self) -> bytes:
        """Hash of the token text without comments and layout: equal means equal programs."""


S_contra = TypeVar("S_contra", bound=Source, contravariant=True)

State = Literal["common", "rare", "new"]
Language = Literal["python", "rust"]

# How often people make this kind of bug, in percent; TSSB-3M, ManySStuBs4J and ODC field
# studies as tabled in the catalogue. What no study counts has 2.
BUG_SHARE: dict[str, float] = {
    "var.same-type": 16.0, "attr.same-type": 7.0, "call.sibling": 9.0, "call.drop-wrap": 8.0,
    "call.drop-arg": 10.0, "call.swap-args": 2.0, "cond.boundary": 4.0, "cond.negate": 5.0,
    "cond.drop-clause": 8.0, "cond.drop-guard": 10.0, "cond.unwrap-if": 4.0, "cond.and-or": 2.0,
    "num.const": 6.0, "num.arith": 2.0, "idx.shift": 5.0, "idx.length": 3.0, "cfg.default": 4.0,
    "err.invert": 8.0, "err.dropped": 8.0, "err.clause-width": 6.0, "err.wrong-kind": 6.0,
    "err.unwrap": 6.0, "loop.else-retry": 6.0, "key.compare": 6.0, "ret.early-missing": 5.0,
    "ret.value": 3.0, "alias.copy": 5.0, "async.await": 5.0,
}  # fmt: skip

# How often the field's tools have it; the "State" column of the catalogue.
STATE: dict[str, State] = {
    "cond.boundary": "common", "cond.negate": "common", "cond.drop-clause": "common",
    "cond.and-or": "common", "cond.drop-guard": "rare", "cond.unwrap-if": "rare",
    "null.check-removed": "rare", "null.falsy-confusion": "new", "idx.shift": "rare",
    "idx.length": "rare", "num.const": "common", "num.arith": "common", "num.rounding": "new",
    "num.overflow": "new", "num.signed": "new", "unit.scale": "new", "time.zone": "new",
    "var.same-type": "new", "attr.same-type": "new", "var.self": "new", "call.swap-args": "rare",
    "call.drop-arg": "rare", "call.sibling": "rare", "call.drop-wrap": "rare",
    "call.drop-stmt": "common", "stmt.reorder": "rare", "ret.early-missing": "rare",
    "ret.value": "common", "loop.break-continue": "common", "loop.else-retry": "new",
    "switch.arms": "new", "err.invert": "new", "err.dropped": "new", "err.clause-width": "rare",
    "err.wrong-kind": "new", "err.unwrap": "new", "async.await": "new", "sync.lock": "rare",
    "res.leak": "rare", "alias.copy": "new", "key.compare": "new", "cfg.default": "rare",
}  # fmt: skip


class Mutator(ABC, Generic[S_contra]):
    """
    One kind of bug in one language. Stateless: yields edits; never applies, names, counts, samples.

    A subclass states `id` (a catalogue id), `cwe` and `examples`; its docstring is its page:
    a summary line, then `Injects:`, `Fair because:`, `Leaves alone:`.
    """

    id: ClassVar[str]
    cwe: ClassVar[int]
    language: ClassVar[Language]
    examples: ClassVar[tuple[Example, ...]]
    hunks: ClassVar[int] = 1  # most edits that one of its mutations has

    @abstractmethod
    def edits(self, source: S_contra) -> Iterator[Edit | tuple[Edit, ...]]:
        """
        Every way to inject this bug, in source order; a tuple is one bug of several edits.
        """

    @classmethod
    def code(cls) -> str:
        """Language and id, as users select it: `python:cond.boundary`."""
        return f"{cls.language}:{cls.id}"

    @classmethod
    def state(cls) -> State:
        return STATE.get(cls.id, "new")

    @classmethod
    def summary(cls) -> str:
        return cls.page()["summary"]

    @classmethod
    def page(cls) -> dict[str, str]:
        """
        The docstring by heading: `summary`, `injects`, `fair because`, `leaves alone`.
        """
        text = inspect.cleandoc(cls.__doc__ or "")
        parts = re.split(r"(?m)^(Injects|Fair because|Leaves alone):\s*", text)
        page = {"summary": " ".join(parts[0].split())}
        for heading, body in zip(parts[1::2], parts[2::2], strict=True):
            page[heading.lower()] = " ".join(body.split())
        return page


AnyMutator = Mutator[Any]
