"""
Switches: many edits woven into one Rust source, of which one at most is on at run time.

Woven sources are for screening only; no task is made of them.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from mutators.base import Refusal
from mutators.rust._switch_place import Place, function_at, place_edits, trimmed
from mutators.rust._switch_runtime import runtime
from mutators.rust._switch_text import TICK, inner_start, tick_places
from mutators.rust._syntax import Node, child, sane_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mutators.base import Edit

__all__ = ["Level", "Loom", "Switch", "Variant", "Woven", "runtime", "weave"]


class Level(IntEnum):
    """
    How much code a mutant has a copy of. What the compiler refuses at one level goes to the next.
    """

    HOLDER = 0  # the smallest code around its edits that may stand in an `if`
    BODY = 1  # the body of its function
    PROBE = 2  # nothing: only whether its function is entered can be told


@dataclass(frozen=True, slots=True)
class Switch:
    """
    One mutant of a file, by its number: from 1, unique in the whole build.
    """

    id: int
    edits: tuple[Edit, ...]
    level: Level = Level.HOLDER


@dataclass(frozen=True, slots=True)
class Variant:
    """
    Bytes of a woven text that are of these mutants: a copy, a holder, or a function.
    """

    start: int
    end: int
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Woven:
    """
    A file with its switches, for a crate whose root has the `runtime`.

    `copies` are each of one mutant; `holders` have all copies and the original in them. Copies of
    `whole` ones are a whole body. `refused` are mutants that cannot be switched at their level,
    with the reason; they may have a probe.
    """

    data: bytes
    copies: tuple[Variant, ...] = ()
    holders: tuple[Variant, ...] = ()
    functions: tuple[Variant, ...] = ()
    refused: dict[int, str] = field(default_factory=dict)
    probed: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()


def weave(data: bytes, switches: Sequence[Switch]) -> Woven:
    """
    `data` with its switches, and with fuel burned in every function, loop and closure.

    The lines of the original stay on their lines. A source that is not understood stays as it is.
    """
    return Loom(data).weave(switches)


class Loom:
    """
    One source, to be woven several times: what was found out about a switch is kept.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._root = sane_tree(data)
        self._functions: dict[int, Node | Refusal] = {}
        self._places: dict[tuple[int, Level], Place | Refusal] = {}

    def weave(self, switches: Sequence[Switch]) -> Woven:
        if isinstance(self._root, Refusal):
            reason = self._root.reason
            return Woven(self._data, refused={switch.id: reason for switch in switches})
        plan = _Plan(self._root, self._data)
        for switch in switches:
            self._add(plan, self._root, switch)
        return plan.woven()

    def _add(self, plan: _Plan, root: Node, switch: Switch) -> None:
        edits = tuple(trimmed(edit) for edit in switch.edits)
        if switch.id not in self._functions:
            self._functions[switch.id] = function_at(root, edits)
        function = self._functions[switch.id]
        if isinstance(function, Refusal):
            plan.refuse(switch.id, function)
            return
        if switch.level is Level.PROBE:
            plan.probe(switch.id, function)
            return
        key = (switch.id, switch.level)
        if key not in self._places:
            is_whole_body = switch.level is Level.BODY
            self._places[key] = place_edits(root, self._data, edits, is_whole_body=is_whole_body)
        plan.hold(switch.id, function, self._places[key])


def _joints(item: str) -> tuple[bytes, bytes, bytes]:
    """
    Text before a copy, behind it, and once for each copy at the end.
    """
    if not item:
        return b"", b" else ", b""
    types = f"::<{item}, _, _>".encode()
    left, right = b"crate::__cab::left" + types, b"crate::__cab::right" + types
    return b"{ " + left + b"(", b") } else { " + right + b"(", b") }"


@dataclass(slots=True)
class _Wrap:
    """
    Text before and behind a span of the original; at one place, lower ranks stand further out.
    """

    start: int
    end: int
    rank: int
    opening: bytes
    closing: bytes = b""
    copies: tuple[tuple[int, int, int], ...] = ()  # (id, start, end) in `opening`


class _Plan:
    """
    What is to be woven into one file.
    """

    def __init__(self, root: Node, data: bytes) -> None:
        self._root = root
        self._data = data
        self._held: dict[tuple[int, int], list[tuple[int, Place]]] = defaultdict(list)
        self._functions: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._probes: dict[int, list[int]] = defaultdict(list)
        self._refused: dict[int, str] = {}

    def hold(self, id_: int, function: Node, place: Place | Refusal) -> None:
        if isinstance(place, Refusal):
            self.refuse(id_, place)
            self.probe(id_, function)
            return
        self._held[place.start, place.end].append((id_, place))
        self._functions[function.start_byte, function.end_byte].append(id_)

    def refuse(self, id_: int, refusal: Refusal) -> None:
        self._refused[id_] = refusal.reason

    def probe(self, id_: int, function: Node) -> None:
        body = child(function, "body")
        if body is not None:
            self._probes[inner_start(body)].append(id_)

    def woven(self) -> Woven:
        wraps = [*self._ticks(), *self._probe_wraps(), *map(self._wrap, self._held.items())]
        text = _Text(self._data, wraps)
        return Woven(
            text.data,
            tuple(Variant(start, end, (id_,)) for id_, start, end in sorted(text.copies)),
            tuple(
                Variant(*text.moved(*span), tuple(id_ for id_, _ in held))
                for span, held in sorted(self._held.items())
            ),
            tuple(
                Variant(*text.moved(*span), tuple(ids))
                for span, ids in sorted(self._functions.items())
            ),
            self._refused,
            frozenset(id_ for ids in self._probes.values() for id_ in ids),
            frozenset(id_ for held in self._held.values() for id_, place in held if place.is_whole),
        )

    def _ticks(self) -> Iterable[_Wrap]:
        for start, end in tick_places(self._root, 0, len(self._data)):
            if start == end:
                yield _Wrap(start, len(self._data), 0, b" " + TICK + b" ")
            else:
                yield _Wrap(start, end, 1, b"{ " + TICK + b" ", b" }")

    def _probe_wraps(self) -> Iterable[_Wrap]:
        for start, ids in self._probes.items():
            calls = b"".join(b"crate::__cab::on(%d); " % id_ for id_ in ids)
            yield _Wrap(start, len(self._data), 0, b" " + calls)

    def _wrap(self, item: tuple[tuple[int, int], list[tuple[int, Place]]]) -> _Wrap:
        (start, end), held = item
        is_in_parentheses = any(place.is_in_parentheses for _, place in held)
        then, other, done = _joints(min(place.item for _, place in held))
        opening = bytearray(b" (" if is_in_parentheses else b" ")
        copies = []
        for id_, place in held:
            opening += b"if crate::__cab::on(%d) " % id_ + then
            begin = len(opening)
            opening += b"{ " + place.copy + b" }"
            copies.append((id_, begin, len(opening)))
            opening += other
        opening += b"{ "
        closing = b" }" + done * len(held) + (b")" if is_in_parentheses else b"")
        return _Wrap(start, end, 2, bytes(opening), closing, tuple(copies))


class _Text:
    """
    The original with wraps in it, and where its bytes have gone.
    """

    def __init__(self, data: bytes, wraps: Sequence[_Wrap]) -> None:
        self.copies: list[tuple[int, int, int]] = []
        self._at: list[int] = []  # of the original, where something goes in
        self._shift: list[int] = []  # of what stands behind it
        self.data = self._woven(data, wraps)

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """
        A span of the original with all that was woven around it.
        """
        return self._moved(start, is_end=False), self._moved(end, is_end=True)

    def _moved(self, offset: int, *, is_end: bool) -> int:
        at = bisect.bisect_left(self._at, offset)
        if is_end and at < len(self._at) and self._at[at] == offset:
            return offset + self._shift[at]
        return offset + (self._shift[at - 1] if at else 0)

    def _woven(self, data: bytes, wraps: Sequence[_Wrap]) -> bytes:
        # At one place what ends comes before what begins, inner ends first, outer begins first.
        events = [((wrap.start, 1, -wrap.end, wrap.rank), wrap, False) for wrap in wraps]
        events += [
            ((wrap.end, 0, -wrap.start, -wrap.rank), wrap, True) for wrap in wraps if wrap.closing
        ]
        out = bytearray()
        at = 0
        for key, wrap, is_closing in sorted(events, key=lambda event: event[0]):
            out += data[at : key[0]]
            at = key[0]
            if not is_closing:
                self.copies += [
                    (id_, len(out) + start, len(out) + end) for id_, start, end in wrap.copies
                ]
            out += wrap.closing if is_closing else wrap.opening
            self._note(at, len(out) - at)
        return bytes(out + data[at:])

    def _note(self, at: int, shift: int) -> None:
        if self._at and self._at[-1] == at:
            self._shift[-1] = shift
        else:
            self._at.append(at)
            self._shift.append(shift)
