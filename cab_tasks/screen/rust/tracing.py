"""
A woven build without a mutant: what each test reaches, and whether the build is to be trusted.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cab_tasks.errors import SeedEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.screen.rust.record import TestFacts
    from cab_tasks.screen.rust.session import DriverSession
    from cab_tasks.suite.cargo_build import Program

_BATCH = 200  # tests in one request, so that answers stay small
_SELF_TESTS = 20  # sites tried; tests may swallow the panic of some


@dataclass(slots=True)
class Traced:
    """
    Tests that can be trusted, the sites that each of them meets, and the others with why not.
    """

    tests: list[TestFacts] = field(default_factory=list)
    sites: list[tuple[int, ...]] = field(default_factory=list)
    unseen: dict[str, str] = field(default_factory=dict)

    def reach(self) -> dict[int, tuple[int, ...]]:
        """
        By site, places in `tests`; equal ones are the same object.
        """
        found: dict[int, list[int]] = defaultdict(list)
        for at, sites in enumerate(self.sites):
            for site in sites:
                found[site].append(at)
        same: dict[tuple[int, ...], tuple[int, ...]] = {}
        tuples = ((site, tuple(tests)) for site, tests in sorted(found.items()))
        return {site: same.setdefault(tests, tests) for site, tests in tuples}


def trace(
    session: DriverSession, programs: Sequence[Program], tests: Sequence[TestFacts]
) -> Traced:
    """
    Run every green test alone, then all of each program together. `tests` are as the baseline
    knows them.

    Raises:
        SeedEnvironmentError: no test passes, or none notices sites that panic.
    """
    traced = Traced()
    session.tell_programs(programs, tests)
    for number in range(len(programs)):
        asked = [one for one in tests if one.program == number]
        for at in range(0, len(asked), _BATCH):
            _trace_some(session, traced, asked[at : at + _BATCH])
    session.tell_programs(programs, traced.tests)
    _drop_unlike(session, traced)
    if not traced.tests:
        raise SeedEnvironmentError("no test passes in the woven build")
    _check_notices(session, traced)
    return traced


def _trace_some(session: DriverSession, traced: Traced, tests: Sequence[TestFacts]) -> None:
    told = session.ask(
        {
            "kind": "trace",
            "program": tests[0].program,
            "names": [one.name for one in tests],
            "jobs": len(os.sched_getaffinity(0)),
        },
        tests,
    )
    for test in tests:
        one = told["tests"][test.name]
        if one["outcome"] != "passed":
            traced.unseen[test.id] = f"{one['outcome']} when run alone in the woven build"
            continue
        traced.tests.append(
            replace(test, ticks=one["ticks"], duration_s=one["duration_s"], fails=one["failing"])
        )
        traced.sites.append(tuple(one["sites"]))


def _drop_unlike(session: DriverSession, traced: Traced) -> None:
    """
    Without a mutant, every test must pass.
    """
    told = session.ask(mutant_request(0, traced.tests), traced.tests)
    bad = {(number, name): outcome for number, name, outcome, *_ in told["results"]}
    kept = [at for at, one in enumerate(traced.tests) if (one.program, one.name) not in bad]
    for one in traced.tests:
        if (one.program, one.name) in bad:
            why = f"{bad[one.program, one.name]} in the woven build without a mutant"
            traced.unseen[one.id] = why
    traced.sites = [traced.sites[at] for at in kept]
    traced.tests = [traced.tests[at] for at in kept]


def _check_notices(session: DriverSession, traced: Traced) -> None:
    reach = traced.reach()
    if not reach:
        return  # nothing can be switched; all have builds of their own
    places = sorted(reach, key=lambda site: (-len(reach[site]), site))
    for site in places[:: max(1, len(places) // _SELF_TESTS)]:
        tests = [traced.tests[at] for at in reach[site]]
        told = session.ask(mutant_request(f"!{site}", tests, first_flip=True), tests)
        if told["results"]:
            return
    raise SeedEnvironmentError("no test of the woven build notices sites that panic")


def mutant_request(
    id_: int | str,
    tests: Sequence[TestFacts],
    *,
    first_flip: bool = False,
    describe: bool = False,
) -> dict[str, object]:
    """
    What the driver is asked of one mutant.
    """
    runs: dict[int, list[str]] = defaultdict(list)
    for one in tests:
        runs[one.program].append(one.name)
    return {
        "kind": "mutant",
        "id": id_,
        "runs": sorted(runs.items()),
        "first_flip": first_flip,
        "describe": describe,
    }
