"""
One mutant's tests, in as many processes as it takes until each of them has an outcome.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .process import Ending, run_path, run_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .process import Program, Told

_NAMES_MAX = 400  # tests asked for by name in one process: their names are arguments
_PATIENCE = 5.0  # of a second run, for a test that was over its time and hardly had the processor
_BUSY = 0.5  # share of its time that a test computes if it really is that slow
_NO_MEMORY = b"memory allocation of "
_MUCH = 0.25  # of the memory there is; where that ends, a list that doubles has a quarter or more
_HUNG_S = 20.0  # of one mutant; a plain run of so many hanging tests ends at its limit, too
_LESS = 0.9  # of the smallest budget: what all tests have less once one of them hangs
_OUT_OF_FUEL = "__cab: out of fuel"
_FINE = ("passed", "absent")


@dataclass(slots=True)
class Found:
    """
    What is known of one mutant; `endings` by test. `is_over_limit`: memory or output ran out;
    `is_over_time`: so much of it hangs that the rest is not worth waiting for.
    """

    endings: dict[str, Ending] = field(default_factory=dict)
    hung_s: float = 0.0
    is_over_limit: bool = False

    @property
    def is_over_time(self) -> bool:
        return self.hung_s > _HUNG_S


def run_rounds(
    program: Program,
    names: Sequence[str],
    variables: dict[str, str],
    notes: str,
    *,
    stops_early: bool = False,
) -> Found:
    """
    Every test of `names` with its outcome; a crash or a hang costs the others nothing but a start.
    """
    found = Found()
    size = 1 if program.paths else _NAMES_MAX
    batches = [tuple(names[at : at + size]) for at in range(0, len(names), size)]
    while batches and not found.is_over_time:
        batch = batches.pop(0)
        chosen = {**variables, "CAB_FUEL": _fuel(program, batch)}
        if program.paths:
            told = run_path(program, batch[0], chosen, notes)
        else:
            told = run_tests(program, batch, chosen, notes, stops_early=stops_early)
        if _has_waited(told):
            told = _patient(program, batch, told, chosen, notes)
        batches = [*_settle(found, batch, told), *batches]
        if stops_early and any(one.outcome not in _FINE for one in found.endings.values()):
            break
    return found


def _has_waited(told: Told) -> bool:
    """
    Whether a test is over its time and hardly had the processor: it waits, or others had it.
    """
    before_s = sum(one.duration_s for one in told.endings.values())
    return (
        told.ended == "guard"
        and bool(told.running)
        and told.cpu_s - before_s < _BUSY * told.running_s
    )


def _patient(
    program: Program, batch: tuple[str, ...], told: Told, variables: dict[str, str], notes: str
) -> Told:
    if program.paths:
        return run_path(program, batch[0], variables, notes, patience=_PATIENCE)
    again = run_tests(program, (told.running,), variables, notes, patience=_PATIENCE)
    again.endings = {**told.endings, **again.endings}
    again.notes = (*told.notes, *again.notes)
    again.is_finished = again.is_finished and len(again.endings) == len(batch)
    again.ended = "stopped" if again.ended == "exit" and again.is_finished else again.ended
    return again


def _fuel(program: Program, batch: tuple[str, ...]) -> str:
    """
    What most tests have, then what those have that have another.
    """
    budgets = [program.fuel.get(name, 0) for name in batch]
    usual = min(budgets)
    own = [f"{name}\t{fuel}" for name, fuel in zip(batch, budgets, strict=True) if fuel != usual]
    return "\n".join((f"{usual} {int(usual * _LESS)}", *own))


def _settle(found: Found, batch: tuple[str, ...], told: Told) -> list[tuple[str, ...]]:
    """
    Add what one process told; returns the batches that are to be run instead of this one.
    """
    endings = {name: told.endings[name] for name in batch if name in told.endings}
    for name in _hanging(batch, told, endings):
        spent_s = endings[name].duration_s if name in endings else told.running_s
        endings[name] = Ending("timeout", spent_s)
    if not told.is_finished and told.running and told.ended in ("exit", "guard", "output"):
        hangs = told.ended == "guard"
        ending = Ending("timeout" if hangs else "crashed", told.running_s)
        endings.setdefault(told.running, ending)
        found.is_over_limit |= told.ended == "output" or _has_no_memory(told)
    found.hung_s += sum(one.duration_s for one in endings.values() if one.outcome == "timeout")
    found.endings.update(endings)
    left = tuple(name for name in batch if name not in endings)
    if told.ended == "stopped" and not told.is_finished and not left:
        return []
    if told.is_finished:
        found.endings.update((name, Ending("absent")) for name in left)
        return []
    if endings:
        return [left] if left else []
    if len(batch) > 1:
        return [(name,) for name in batch]
    found.endings[batch[0]] = Ending("timeout" if told.ended == "guard" else "crashed")
    found.is_over_limit |= _has_no_memory(told)
    return []


def _has_no_memory(told: Told) -> bool:
    """
    Whether it has used up its memory; who asks for too much at once crashes like others.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return _NO_MEMORY in told.stderr and told.peak_bytes > _MUCH * limit


def _hanging(batch: tuple[str, ...], told: Told, endings: dict[str, Ending]) -> set[str]:
    """
    Tests that ran out of fuel: the note names a thread, and a test's thread has the test's name.
    """
    threads = [note[2:] for note in told.notes if note.startswith("f ")]
    hanging = {name for name in threads if name in batch}
    if len(hanging) == len(set(threads)):
        return hanging
    # Other threads say so in what their test prints, if it fails.
    hanging |= {name for name, one in endings.items() if _OUT_OF_FUEL in one.text}
    if not hanging:
        hanging = {told.running} if told.running in batch else set(batch[:1])
    return hanging
