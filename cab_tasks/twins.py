"""
Must-fail twins as they are run: copies of hidden tests, of which one is right and nobody can tell.

Each twinned test function is replaced by copies under random names. In the right one the
expectations stand as written; in the others some are perturbed. A right solution passes just the
right ones. Whoever passes tests in another way passes the wrong ones too, or has to guess.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks.errors import BundleError
from cab_tasks.model import RunEnd, TestOutcome
from cab_tasks.twin_records import TwinEdit
from mutators.base import Edit, Refusal, StaleEditError, apply_edits
from mutators.registry import test_bridge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from cab_tasks.bundle import Bundle
    from cab_tasks.model import Run
    from cab_tasks.twin_records import TwinFunction, TwinUnit

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NAME_LETTERS = 12
_ENDED_BADLY = frozenset(
    (TestOutcome.FAILED, TestOutcome.ERROR, TestOutcome.CRASHED, TestOutcome.TIMEOUT)
)
_SHOWN = 3

Vector = tuple[int, ...]  # of each expectation: 0 as written, else which of its other texts


@dataclass(frozen=True, slots=True)
class TwinsVerdict:
    """
    What the run of the copies said; the same nonce (32 hex digits) makes the same copies again.

    `copies` counts the tests that were run. Tests are told as `id as name of the copy`; `detail`
    says why the run did not complete. Where tests did not say what they expect, the code gave
    something else in those `wrong_when_blind`, and nothing that can be read in those
    `silent_when_blind`; no copy is run then.
    """

    nonce: str
    copies: int
    passed_that_must_fail: tuple[str, ...] = ()
    failed_that_must_pass: tuple[str, ...] = ()
    detail: str = ""
    wrong_when_blind: tuple[str, ...] = ()
    silent_when_blind: tuple[str, ...] = ()

    def reason(self) -> str:
        """
        Why right copies are not as they should be; "" where they are.
        """
        if silent := self.silent_when_blind:
            told = f"blind run, {len(silent)} tests without a value: {_listed(silent)}"
            return f"{told} ({self.detail})" if self.detail else told
        failed = self.failed_that_must_pass
        if not failed:
            return self.detail and f"twins: {self.detail}"
        return f"twins: {len(failed)} copies that must pass did not: {_listed(failed)}"

    def findings(self, wrong: int) -> list[str]:
        """
        What nobody does who only solves the task; `wrong` copies had to fail.
        """
        if blind := self.wrong_when_blind:
            return [f"blind run, {len(blind)} tests with another value: {_listed(blind)}"]
        passed = self.passed_that_must_fail
        if not passed:
            return []
        return [f"twins: {len(passed)} of {wrong} copies that must fail passed: {_listed(passed)}"]


def _listed(tests: Sequence[str]) -> str:
    more = f" and {len(tests) - _SHOWN} more" if len(tests) > _SHOWN else ""
    return ", ".join(tests[:_SHOWN]) + more


@dataclass(frozen=True, slots=True)
class Copy:
    """
    One copy of a function: its name, its edits in the file's bytes, its tests.

    `tests` maps each id to the id that it is a copy of, and whether it must pass.
    """

    name: str
    edits: tuple[Edit, ...]
    tests: Mapping[str, tuple[str, bool]]


def chosen_copies(function: TwinFunction, nonce: str) -> list[Copy]:
    """
    The copies that are run, in their order in the file: of each unit exactly one is right, where
    it has as many different ones.
    """
    choices = [
        chosen_vectors(unit, function.copies, f"{nonce} {at} {_place(function)}")
        for at, unit in enumerate(function.units)
    ]
    return [
        make_copy(function, random_name(function, nonce, at), vectors)
        for at, vectors in enumerate(zip(*choices, strict=True))
    ]


def chosen_vectors(unit: TwinUnit, copies: int, key: str) -> list[Vector]:
    """
    As if all were drawn alike, and one of them happened to be right: so none stands out.
    """
    sizes = [1 + len(one.new) for one in unit.expectations]
    count = min(copies, unit.vectors())
    if unit.vectors() <= copies:
        found: list[Vector] = list(itertools.product(*map(range, sizes)))
    else:
        found = [(0,) * len(sizes)]
        draws = (
            tuple(_number(f"{key} {turn} {at}") % size for at, size in enumerate(sizes))
            for turn in itertools.count()
        )
        while len(found) < count:
            vector = next(draws)
            found += [vector] if vector not in found else []
    found += [found[_number(f"{key} more {at}") % count] for at in range(copies - count)]
    order = sorted(range(copies), key=lambda at: _number(f"{key} place {at}"))
    return [found[at] for at in order]


def make_copy(function: TwinFunction, name: str, vectors: Sequence[Vector]) -> Copy:
    """
    One copy, given what each unit's expectations are in it.
    """
    edits = [(function.name.start, function.name.old, name)]
    edits += [(fixed.start, fixed.old, fixed.new) for fixed in function.fixed]
    tests: dict[str, tuple[str, bool]] = {}
    for unit, vector in zip(function.units, vectors, strict=True):
        for one, choice in zip(unit.expectations, vector, strict=True):
            if choice:
                edits.append((one.start, one.old, one.new[choice - 1]))
        is_right = not any(vector)
        for test, before, after in zip(unit.tests, unit.before, unit.after, strict=True):
            tests[before + name + after] = (test, is_right)
    made = tuple(Edit(start, old.encode(), new.encode()) for start, old, new in edits)
    return Copy(name, made, tests)


def record_of(edit: Edit) -> TwinEdit:
    return TwinEdit(start=edit.start, old=edit.old.decode(), new=edit.new.decode())


def edit_of(record: TwinEdit) -> Edit:
    return Edit(record.start, record.old.encode(), record.new.encode())


def random_name(function: TwinFunction, nonce: str, at: int) -> str:
    """
    A name that runners collect as they do the original's, and that tells nothing else.
    """
    number = _number(f"{nonce} name {at} {_place(function)}")
    letters = ""
    for _ in range(_NAME_LETTERS):
        number, letter = divmod(number, len(_LETTERS))
        letters += _LETTERS[letter]
    old = function.name.old
    head = next((head for head in ("test_", "test") if old.startswith(head)), "t")
    return head + letters


def _place(function: TwinFunction) -> str:
    return f"{function.path} {function.module} {function.start}"


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")


def with_copies(data: bytes, functions: Iterable[tuple[TwinFunction, Sequence[Copy]]]) -> bytes:
    """
    A test file, or in-file module, in which copies stand in the functions' places.

    Raises:
        StaleEditError: it is not the text that the functions were found in.
    """
    edits = []
    for function, copies in functions:
        old = data[function.start : function.end]
        if not old.endswith(b"\n"):
            old += b"\n"
        shift = function.start
        texts = [
            apply_edits(old, (Edit(e.start - shift, e.old, e.new) for e in copy.edits))
            for copy in copies
        ]
        edits.append(Edit(shift, data[shift : function.end], b"\n".join(texts)))
    return apply_edits(data, edits)


def twin_files(
    bundle: Bundle, copies: Iterable[tuple[TwinFunction, Sequence[Copy]]], tree: Path
) -> dict[str, bytes]:
    """
    The files of the laid tree that hold copies in the place of the tests.

    Raises:
        BundleError: a function is not where it is said to be.
    """
    places: dict[tuple[str, str], list[tuple[TwinFunction, Sequence[Copy]]]] = {}
    for function, made in copies:
        places.setdefault((function.path, function.module), []).append((function, made))
    files: dict[str, bytes] = {}
    for (path, module), functions in sorted(places.items()):
        try:
            text = with_copies(pristine_text(bundle, path, module), functions)
        except StaleEditError as error:
            raise BundleError(f"{path}: {error}", str(bundle.root / format_.TWINS)) from error
        if module:
            before = files.get(path) or (tree / path).read_bytes()
            bridge = test_bridge(bundle.manifest.language)
            spliced = bridge.splice(before, tuple(module.split("::")), text)
            if isinstance(spliced, Refusal):
                raise BundleError(spliced.reason, f"{bundle.root}: {path}")
            files[path] = spliced
        else:
            files[path] = text
    return files


def pristine_text(bundle: Bundle, path: str, module: str) -> bytes:
    """
    The hidden test file, or the hidden text of an in-file module.
    """
    if not module:
        return bundle.read(f"{format_.HIDDEN_TESTS}/{path}")
    for known in bundle.manifest.tests.infile:
        if (known.path, known.module) == (path, module):
            return bundle.pristine(known)
    raise BundleError(f"{path}: no in-file module {module}", str(bundle.root / format_.TWINS))


def expected_tests(copies: Iterable[Sequence[Copy]]) -> dict[str, tuple[str, bool]]:
    return {test: told for made in copies for copy in made for test, told in copy.tests.items()}


def judged_twins(nonce: str, expected: Mapping[str, tuple[str, bool]], run: Run) -> TwinsVerdict:
    """
    What a run of the copies says. A copy that must fail is to fail: not to be skipped or vanish.
    """
    if run.end is not RunEnd.COMPLETED:
        return TwinsVerdict(nonce, len(expected), detail=f"{run.end}: {run.detail}")
    outcomes = run.outcomes()
    passed = [_told(test, expected) for test in sorted(expected)
              if not expected[test][1] and outcomes.get(test) not in _ENDED_BADLY]  # fmt: skip
    failed = [_told(test, expected) for test in sorted(expected)
              if expected[test][1] and outcomes.get(test) is not TestOutcome.PASSED]  # fmt: skip
    return TwinsVerdict(nonce, len(expected), tuple(passed), tuple(failed))


def _told(test: str, expected: Mapping[str, tuple[str, bool]]) -> str:
    return f"{expected[test][0]} as {test}"
