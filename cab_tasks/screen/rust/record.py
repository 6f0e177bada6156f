"""
What is kept of a woven build beside its programs: who stands where, who reaches what.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from cab_tasks.suite.cargo_build import Program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 3


@dataclass(frozen=True, slots=True)
class TestFacts:
    """
    One green test of a woven program, run alone: what it burns, how long it takes.

    A doc test is a program of its own, at `path`; with `fails`, one that has to fail.
    """

    id: str
    program: int
    name: str
    ticks: int = 0
    duration_s: float = 0.0
    path: str = ""
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """
    All mutants by fingerprint: `ids` that have a number, of those `failed` with the compiler's
    words and `alone` with the reason. `reach` maps numbers to tests, as places in `tests`; a
    number that is not in it was not traced.

    `unseen` are green tests that are not run here, with the reason; `costs` what it took to make.
    """

    programs: tuple[Program, ...]
    tests: tuple[TestFacts, ...]
    ids: Mapping[str, int]
    failed: Mapping[int, str]
    alone: Mapping[int, str]
    reach: Mapping[int, tuple[int, ...]]
    unseen: Mapping[str, str]
    plain: tuple[str, ...] = ()
    costs: Mapping[str, float] = field(default_factory=dict)


def save(record: Record, path: Path) -> None:
    """
    Written last: a build without it is not finished. Most sites share their tests with others.
    """
    sets: dict[tuple[int, ...], int] = {}
    reach = {id_: sets.setdefault(tests, len(sets)) for id_, tests in record.reach.items()}
    plain = {**asdict(replace(record, reach={})), "reach": reach, "sets": list(sets)}
    beside = path.with_suffix(".partial")
    beside.write_text(json.dumps(plain), encoding="utf-8")
    beside.replace(path)


def load(path: Path) -> Record | None:
    """
    None where none was saved.
    """
    if not path.is_file():
        return None
    plain = json.loads(path.read_text(encoding="utf-8"))
    sets = [tuple(tests) for tests in plain["sets"]]
    return Record(
        programs=tuple(
            Program(
                one["binary"], tuple(one["argv"]), one["cwd"],
                tuple((name, value) for name, value in one["env"]), one["is_doc"],
            )
            for one in plain["programs"]
        ),
        tests=tuple(TestFacts(**one) for one in plain["tests"]),
        ids=plain["ids"],
        failed={int(id_): text for id_, text in plain["failed"].items()},
        alone={int(id_): text for id_, text in plain["alone"].items()},
        reach={int(id_): sets[at] for id_, at in plain["reach"].items()},
        unseen=plain["unseen"],
        plain=tuple(plain["plain"]),
        costs=plain["costs"],
    )  # fmt: skip
