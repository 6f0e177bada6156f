"""
`hidden/twins/twins.json`: which expectations of which hidden tests can be perturbed, and how.
"""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA = "cab-twins/v1"
_Texts = Annotated[tuple[str, ...], Field(strict=False)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TwinEdit(_Record):
    """
    One replacement; `start` is a byte of the pristine file or in-file module.
    """

    start: Annotated[int, Field(ge=0)]
    old: str
    new: str


class TwinExpectation(_Record):
    """
    A right text and the others that take its place. One that `guessable` is no secret to a reader.
    """

    start: Annotated[int, Field(ge=0)]
    old: str
    new: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    guessable: bool = False


class TwinUnit(_Record):
    """
    Tests that pass with the right texts alone. `tests` are their ids; a copy's have `before`, the
    copy's name, and `after`, at the same place.
    """

    tests: _Texts
    before: _Texts
    after: _Texts
    expectations: Annotated[tuple[TwinExpectation, ...], Field(min_length=1, strict=False)]

    def vectors(self) -> int:
        """
        How many different copies it can have, the right one included.
        """
        return math.prod(1 + len(one.new) for one in self.expectations)

    def candidates(self, copies: int) -> int:
        """
        Among how many of its copies a reader of all of them has to guess.
        """
        secret = math.prod(1 + len(one.new) for one in self.expectations if not one.guessable)
        return min(secret, copies)


class TwinFunction(_Record):
    """
    One test function, its whole lines from `start` to `end`, of which so many copies are run.

    `module` is the in-file module's path of names, empty for a test file. `fixed` edits are made
    in every copy.
    """

    path: str
    module: str = ""
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    name: TwinEdit
    fixed: Annotated[tuple[TwinEdit, ...], Field(strict=False)] = ()
    copies: Annotated[int, Field(ge=2, le=64)]
    units: Annotated[tuple[TwinUnit, ...], Field(min_length=1, strict=False)]


class BlindFile(_Record):
    """
    A hidden test file and the edits that take out of it all that failing tests expect.
    """

    path: str
    edits: Annotated[tuple[TwinEdit, ...], Field(min_length=1, strict=False)]


class BlindTest(_Record):
    """
    A failing test, its id in such a file, and the value that it is to tell, as Python writes it.
    """

    test: str
    run_as: str
    value: str


class Blind(_Record):
    """
    Tests that tell what they got and do not know what is right.
    """

    files: Annotated[tuple[BlindFile, ...], Field(min_length=1, strict=False)]
    tests: Annotated[tuple[BlindTest, ...], Field(min_length=1, strict=False)]


class Twins(_Record):
    """
    The whole file. `quick` where its tests were proven, and so are judged, in runs that read the
    files of these tests only and have plain asserts (pytest).
    """

    schema_: Annotated[Literal["cab-twins/v1"], Field(alias="schema")]
    functions: Annotated[tuple[TwinFunction, ...], Field(min_length=1, strict=False)]
    blind: Blind | None = None
    quick: bool = False

    def units(self) -> list[tuple[TwinUnit, int]]:
        """
        Each unit with the number of its copies.
        """
        return [(unit, one.copies) for one in self.functions for unit in one.units]

    def forge_chance(self) -> float:
        """
        The chance of someone who passes one copy of each test, and cannot tell which is right.
        """
        chance = math.prod(1 / unit.candidates(copies) for unit, copies in self.units())
        return float(f"{chance:.2g}")


def forge_chance(twins: Twins | None, *, visible: bool) -> float:
    """
    Of a task: who sees the tests need not guess which copy is right.
    """
    return 1.0 if twins is None or visible else twins.forge_chance()


def blind_count(twins: Twins | None) -> int:
    return 0 if twins is None or twins.blind is None else len(twins.blind.tests)


def twins_plain(twins: Twins) -> dict[str, Any]:
    return twins.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"schema": SCHEMA}


def read_twins(data: bytes) -> Twins:
    """
    Raises:
        ValueError: not JSON, or not of this form; a pydantic error is one, too.
    """
    return Twins.model_validate(json.loads(data))
