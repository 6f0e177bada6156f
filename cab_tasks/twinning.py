"""
Twins made and proven: which expectations of a task's failing tests can be perturbed.

One run in the repaired tree tries every other text by itself, and two drawn sets of copies. What
does not fail with it is dropped; so is a test whose copy does not pass as it stands.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks.blinding import find_blind
from cab_tasks.judge import run_twins
from cab_tasks.manifest import TwinFacts
from cab_tasks.model import RunEnd, TestOutcome
from cab_tasks.twin_places import Place, affixes, places_of, row_tests
from cab_tasks.twin_records import (
    SCHEMA,
    TwinExpectation,
    TwinFunction,
    Twins,
    TwinUnit,
    blind_count,
    forge_chance,
)
from cab_tasks.twins import (
    Copy,
    Vector,
    chosen_vectors,
    expected_tests,
    make_copy,
    pristine_text,
    random_name,
    record_of,
    twin_files,
)
from mutators.base import Refusal
from mutators.registry import twin_bridge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from cab_tasks.bundle import Bundle
    from cab_tasks.judge import Setting
    from cab_tasks.model import Failure, Run
    from mutators.twins import Expectation, Perturbable

LANGUAGES = ("python", "rust")
AIM = 1e-4  # the chance of a forged pass that the number of copies is chosen for
LEAST, MOST = 4, 32  # copies of a function
FUNCTIONS, ROWS = 24, 12  # of one task, of one function: four copies of each are beyond all guesses
_NONCES = ("0" * 32, "1" * 32)
_BAD = frozenset((TestOutcome.FAILED, TestOutcome.ERROR, TestOutcome.CRASHED))


@dataclass(frozen=True, slots=True)
class Twinned:
    """
    What was found; `twins` is None where nothing can be perturbed.
    """

    twins: Twins | None
    facts: TwinFacts


def find_twins(
    bundle: Bundle, repaired: Path, setting: Setting, failures: Mapping[str, Failure]
) -> Twinned:
    """
    The twins of a bundle, proven in its repaired tree; `failures` tell where its tests fail.
    """
    is_known = bundle.manifest.language in LANGUAGES
    places = list(places_of(bundle, failures)) if is_known else []
    salt = hashlib.sha256(bundle.read(format_.FIX)).digest()
    wide = [_function(bundle, place, salt, MOST) for place in places]
    units = sum(len(function.units) for function in wide if function is not None)
    copies = copies_for(units)
    functions = [_function(bundle, place, salt, copies) for place in places]
    # A function of a base class is several tests, and can be replaced once.
    by_place = {(one.path, one.module, one.start): one for one in functions if one is not None}
    found = list(by_place.values())
    missing = len(places) - len(found)
    room = _Room(bundle, repaired, setting, places)
    twins = _best(room, found[:FUNCTIONS]) if found else None
    total = sum(map(_expectations, found)) + missing
    twinned = _twinned(twins)
    share = round(twinned / total, 2) if total else 0.0
    chance = forge_chance(twins, visible=bundle.manifest.tests.visibility == "visible")
    facts = TwinFacts(
        expectations=total, twinned=twinned, share=share, forge_chance=chance,
        blind=blind_count(twins),
    )  # fmt: skip
    return Twinned(twins, facts)


@dataclass(frozen=True, slots=True)
class _Room:
    """
    What twins are tried on.
    """

    bundle: Bundle
    repaired: Path
    setting: Setting
    places: Sequence[Place]


def _best(room: _Room, functions: Sequence[TwinFunction]) -> Twins | None:
    """
    Proven in quick runs, which pytest has; in whole ones where a test may need what those leave
    out, and more is proven so.
    """
    if room.bundle.manifest.tests.framework != "pytest":
        return _tried(room, functions, is_quick=False)[0]
    twins, is_doubtful = _tried(room, functions, is_quick=True)
    if not is_doubtful:
        return twins
    whole, _ = _tried(room, functions, is_quick=False)
    return max(twins, whole, key=lambda one: (_twinned(one), blind_count(one)))


def _tried(
    room: _Room, functions: Sequence[TwinFunction], *, is_quick: bool
) -> tuple[Twins | None, bool]:
    """
    Twins, and whether a copy as it stands did not pass, or a blind test told nothing.
    """
    proven, is_doubtful = _proven(room, functions, is_quick=is_quick)
    if not proven:
        return None, is_doubtful
    blind, is_silent = find_blind(
        room.bundle, room.repaired, room.setting, room.places, is_quick=is_quick
    )
    told = {"schema": SCHEMA, "functions": proven, "blind": blind, "quick": is_quick}
    return Twins.model_validate(told), is_doubtful or is_silent


def _twinned(twins: Twins | None) -> int:
    return 0 if twins is None else sum(map(_expectations, twins.functions))


def copies_for(units: int) -> int:
    """
    The fewest copies with which guessing one of each unit's is as unlikely as aimed at.
    """
    copies = LEAST
    while copies < MOST and float(copies) ** -units > AIM:
        copies += 1
    return copies


def _expectations(function: TwinFunction) -> int:
    return sum(len(unit.expectations) for unit in function.units)


def _function(bundle: Bundle, place: Place, salt: bytes, copies: int) -> TwinFunction | None:
    """
    The record of one function, nothing of it tried yet; None where nothing can be perturbed.

    It has no more copies than there are different ones.
    """
    data = pristine_text(bundle, place.path, place.module)
    own = salt + repr((place.path, place.module, place.names)).encode()
    found = twin_bridge(bundle.manifest.language).perturbable(
        data, place.names, place.failures, own, copies
    )
    if isinstance(found, Refusal) or not found.expectations:
        return None
    prompt = bundle.prompt()
    told = replace(found, expectations=tuple(_marked(one, prompt) for one in found.expectations))
    units = tuple(_units(told, place, place.names[-1]))
    if not units:
        return None
    return TwinFunction(
        path=place.path,
        module=place.module,
        start=found.start,
        end=found.end,
        name=record_of(found.name),
        fixed=tuple(map(record_of, found.fixed)),
        copies=min(copies, max(unit.vectors() for unit in units)),
        units=units,
    )


def _marked(one: Expectation, prompt: str) -> Expectation:
    """
    What the prompt shows is no secret: a reader takes the copy in which it stands.
    """
    text = one.old.decode().strip("\"'")
    is_shown = text and re.search(rf"(?<![\w.]){re.escape(text)}(?![\w.])", prompt)
    return replace(one, guessable=True) if is_shown else one


def _units(found: Perturbable, place: Place, name: str) -> Iterator[TwinUnit]:
    if not found.rows:
        yield _unit(place.tests, [affixes(test, name) for test in place.tests], found.expectations)
        return
    rows = sorted({one.row for one in found.expectations if one.row is not None})
    failing = [(row, tests) for row in rows if len(tests := row_tests(found.rows, place, row)) == 1]
    for row, tests in failing[:ROWS]:
        before = affixes(tests[0], name)[0]
        own = [one for one in found.expectations if one.row == row]
        yield _unit(tests, [(before, f"[{found.row_ids[row]}]")], own)


def _unit(
    tests: Sequence[str], around: Sequence[tuple[str, str]], found: Sequence[Expectation]
) -> TwinUnit:
    return TwinUnit(
        tests=tuple(tests),
        before=tuple(before for before, _ in around),
        after=tuple(after for _, after in around),
        expectations=tuple(
            TwinExpectation(
                start=one.start,
                old=one.old.decode(),
                new=tuple(new.decode() for new in one.new),
                guessable=one.guessable,
            )
            for one in found
        ),
    )


def _proven(
    room: _Room, functions: Sequence[TwinFunction], *, is_quick: bool
) -> tuple[list[TwinFunction], bool]:
    """
    What is left of the functions, and whether a copy as it stands did not pass.
    """
    trials = [_trial(function) for function in functions]
    copies = [
        (function, [copy for copy, _ in trial])
        for function, trial in zip(functions, trials, strict=True)
    ]
    select = tuple(expected_tests(made for _, made in copies))
    files = twin_files(room.bundle, copies, room.repaired)
    run = run_twins(room.bundle, files, room.repaired, room.setting, select, is_quick=is_quick)
    if run.end is not RunEnd.COMPLETED:
        return [], True
    tried = list(zip(functions, trials, strict=True))
    left = [kept for function, trial in tried if (kept := _kept(function, trial, run))]
    return left, not all(_passes_as_it_stands(function, trial, run) for function, trial in tried)


def _trial(function: TwinFunction) -> list[tuple[Copy, tuple[Vector, ...]]]:
    """
    Copies that try each other text of each unit by itself, some as it stands, and two drawn sets.
    """
    tries = [_tries(unit, function.copies) for unit in function.units]
    most = max(map(len, tries))
    padded = [[*one, *[one[0]] * (most - len(one))] for one in tries]
    made = []
    for at, vectors in enumerate(zip(*padded, strict=True)):
        name = random_name(function, "trial", at)
        made.append((make_copy(function, name, vectors), vectors))
    return made


def _tries(unit: TwinUnit, copies: int) -> list[Vector]:
    width = len(unit.expectations)
    single = [
        tuple(choice if at == place else 0 for at in range(width))
        for place, one in enumerate(unit.expectations)
        for choice in range(1, 1 + len(one.new))
    ]
    drawn = [
        vector for nonce in _NONCES for vector in chosen_vectors(unit, min(copies, LEAST), nonce)
    ]
    return [(0,) * width, *single, *drawn]


def _kept(
    function: TwinFunction, trial: Sequence[tuple[Copy, tuple[Vector, ...]]], run: Run
) -> TwinFunction | None:
    outcomes = run.outcomes()
    units = []
    for at, unit in enumerate(function.units):
        ended = [(vectors[at], _ending(copy, unit, outcomes)) for copy, vectors in trial]
        left = _kept_unit(unit, ended)
        if left is not None:
            units.append(left)
    if not units:
        return None
    copies = min(function.copies, max(unit.vectors() for unit in units))
    return function.model_copy(update={"units": tuple(units), "copies": copies})


def _passes_as_it_stands(
    function: TwinFunction, trial: Sequence[tuple[Copy, tuple[Vector, ...]]], run: Run
) -> bool:
    outcomes = run.outcomes()
    return all(
        _ending(copy, unit, outcomes) == "passed"
        for at, unit in enumerate(function.units)
        for copy, vectors in trial
        if not any(vectors[at])
    )


def _ending(copy: Copy, unit: TwinUnit, outcomes: Mapping[str, TestOutcome]) -> str:
    """
    `passed` or `failed` where all tests of a unit in a copy ended so, else "".
    """
    ids = [
        before + copy.name + after for before, after in zip(unit.before, unit.after, strict=True)
    ]
    found = {outcomes.get(test) for test in ids}
    if found == {TestOutcome.PASSED}:
        return "passed"
    return "failed" if found <= _BAD else ""


def _kept_unit(unit: TwinUnit, ended: Sequence[tuple[Vector, str]]) -> TwinUnit | None:
    """
    A unit with what made each of its copies fail; None if its drawn copies then end otherwise.
    """
    single = {vector: how for vector, how in ended if sum(map(bool, vector)) == 1}
    width = len(unit.expectations)
    good = [
        {
            choice
            for choice in range(1, 1 + len(one.new))
            if single.get(tuple(choice if at == place else 0 for at in range(width))) == "failed"
        }
        for place, one in enumerate(unit.expectations)
    ]
    for vector, how in ended:
        is_known = all(not choice or choice in good[at] for at, choice in enumerate(vector))
        if is_known and how != ("failed" if any(vector) else "passed"):
            return None
    kept = tuple(
        one.model_copy(update={"new": tuple(one.new[choice - 1] for choice in sorted(choices))})
        for one, choices in zip(unit.expectations, good, strict=True)
        if choices
    )
    return unit.model_copy(update={"expectations": kept}) if kept else None
