"""
Doc tests of a woven library: compiled once by rustdoc and kept, then each is a program of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cab_tasks.model import TestOutcome
from cab_tasks.sandbox import TARGET, Command, Ended, Mount, run
from cab_tasks.screen.rust.record import TestFacts
from cab_tasks.suite.cargo import doc_labels
from cab_tasks.suite.cargo_build import toolchain_mounts, variables
from cab_tasks.suite.libtest import JSON, read_events
from mutators.base import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cab_tasks.sandbox import Finished
    from cab_tasks.suite.cargo_build import Program
    from cab_tasks.suite.request import Request

DOCTESTS = "/cab/doctests"
_COMPILE_S = 600.0
_FUEL = "100000000"  # rustdoc runs what it compiles, and that may be a mutant
_TO_CHANNEL = 'exec "$@" >&3 3>&-'
_PLACE = re.compile(r"(?P<file>.+?) - .*\(line (?P<line>\d+)\)(?P<compiled> - compile( fail)?)?")
_NOT_MERGED = ("--merge-doctests", "no")  # rustdoc 1.90 and later; earlier ones merge only if told


@dataclass(frozen=True, slots=True)
class DocTests:
    """
    Of one library, by label: programs below DOCTESTS, those that passed as rustdoc ran them, and
    those that are `idle`: compiled only.
    """

    paths: Mapping[str, str]
    passed: frozenset[str]
    idle: frozenset[str]


def known_tests(
    request: Request,
    programs: Sequence[Program],
    green: Sequence[str],
    durations_s: Mapping[str, float],
    target: Path,
    folder: Path,
) -> tuple[list[TestFacts], dict[str, str]]:
    """
    Green tests of these programs as the baseline knows them, and those that cannot be run here,
    with the reason. Doc tests that are only compiled are in neither: no switch can change them.
    """
    numbers = {one.binary: at for at, one in enumerate(programs)}
    docs: dict[str, DocTests | Refusal] = {}
    found: list[TestFacts] = []
    unseen: dict[str, str] = {}
    for test in green:
        binary, _, name = test.partition(" ")
        if binary not in numbers:
            unseen[test] = "its program is not there"
            continue
        program = programs[numbers[binary]]
        path = ""
        if program.is_doc:
            if binary not in docs:
                docs[binary] = compiled_doctests(request, program, target, folder)
            told = docs[binary]
            if isinstance(told, Refusal):
                unseen[test] = told.reason
                continue
            if name in told.idle:
                continue
            path = told.paths.get(name, "")
            if not path or name not in told.passed:
                unseen[test] = "rustdoc has not kept its program, or it does not pass"
                continue
        duration_s = durations_s.get(test, 0.0)
        found.append(TestFacts(test, numbers[binary], name, 0, duration_s, path))
    return found, unseen


def compiled_doctests(
    request: Request, program: Program, target: Path, folder: Path
) -> DocTests | Refusal:
    """
    All that run; `folder` is where they are kept, and what is mounted at DOCTESTS.
    """
    place = f"{DOCTESTS}/{_folder_of(program)}"
    words = ("-Z", "unstable-options", "--persist-doctests", place)
    finished = _launch(request, program, (*words, *_NOT_MERGED), target, folder)
    if b"merge-doctests" in finished.stderr:
        finished = _launch(request, program, words, target, folder)
    events = read_events(finished.channel)
    if finished.ended is not Ended.EXITED or not events.is_finished:
        return Refusal(finished.stderr.decode("utf-8", "replace").strip()[-500:])
    labels = doc_labels(events.endings)
    kept = {
        label: own
        for name, label in labels.items()
        if (own := _folder(name)) and (folder / _folder_of(program) / own / "rust_out").is_file()
    }
    return DocTests(
        {label: f"{place}/{own}/rust_out" for label, own in kept.items()},
        frozenset(
            labels[name]
            for name, ending in events.endings.items()
            if name in labels and ending.outcome is TestOutcome.PASSED
        ),
        frozenset(label for name, label in labels.items() if not _folder(name)),
    )


def _folder_of(program: Program) -> str:
    return program.binary.replace(":", "_")


def _folder(name: str) -> str:
    """
    Where rustdoc keeps a test, empty if that is not run: file and line, then a number that counts
    tests of one line, of which only macros can make several.
    """
    found = _PLACE.fullmatch(name)
    if found is None or found["compiled"]:
        return ""
    return f"{re.sub('[^0-9A-Za-z]', '_', found['file'])}_{found['line']}_0"


def _launch(
    request: Request, program: Program, words: tuple[str, ...], target: Path, folder: Path
) -> Finished:
    folder.mkdir(parents=True, exist_ok=True)
    tests = (part for word in JSON for part in ("--test-args", word))
    command = Command(
        argv=("/bin/sh", "-c", _TO_CHANNEL, "cab", *program.argv, *words, *tests),
        tree=request.tree,
        cwd=program.cwd,
        env=(*variables(request), *program.env, ("RUSTC_BOOTSTRAP", "1"), ("CAB_FUEL", _FUEL)),
        mounts=(
            *toolchain_mounts(request),
            Mount(target, TARGET),
            Mount(folder, DOCTESTS, writable=True),
        ),
        channel=True,
    )
    limits = replace(request.limits, timeout_s=_COMPILE_S)
    return run(command, limits, policy=request.policy)
