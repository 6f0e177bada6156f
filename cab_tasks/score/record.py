"""
The record of a score, `cab-score/v1`: its model, its schema, its bytes, and what makes two equal.
"""

# ruff: noqa: TC001 - pydantic reads the annotations at run time

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from cab_tasks.bundle import dump_json
from cab_tasks.errors import UsageError
from cab_tasks.judge import Verdict
from cab_tasks.manifest import SCHEMA_URL, RunLimits
from cab_tasks.score.axes.blast_radius import BlastRadius
from cab_tasks.score.axes.composite import Composite
from cab_tasks.score.axes.fidelity import Fidelity
from cab_tasks.score.axes.integrity import Integrity
from cab_tasks.score.axes.latency import Latency
from cab_tasks.score.axes.pass_rate import PassRate
from cab_tasks.score.axes.refusal import Refusal
from cab_tasks.score.axes.tokens import Tokens
from cab_tasks.score.causes import Cause
from cab_tasks.score.told import Told


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class CauseRecord(_Record):
    """
    What ended the attempt or its judging early, and what follows from it.
    """

    cause: Cause
    retry: bool
    grade: bool
    is_valid: bool
    detail: str = ""


class TwinsRecord(_Record):
    """
    What must-fail twins said; they are run where all else passes and the task has some.
    """

    copies: int
    passed_that_must_fail: tuple[str, ...]
    failed_that_must_pass: tuple[str, ...]
    detail: str
    wrong_when_blind: tuple[str, ...] = ()
    silent_when_blind: tuple[str, ...] = ()


class Axes(_Record):
    """
    Null: not judged, which needs a cause.
    """

    pass_rate: PassRate | None
    tokens: Tokens
    latency: Latency
    blast_radius: BlastRadius
    refusal: Refusal | None
    integrity: Integrity | None
    fidelity: Fidelity


class Measured(_Record):
    """
    What is another number in every run: nothing rests on it.
    """

    total_ms: float
    suite_ms: float
    suite_peak_bytes: int


class Score(_Record):
    """
    One attempt at one task, judged. But for `measured`, the same bundle, attempt, `told` and
    `nonce` give the same bytes.
    """

    schema_: Literal["cab-score/v1"] = Field(alias="schema", default="cab-score/v1")
    task_id: str
    bundle_digest: str
    attempt_digest: str
    scorer_version: str
    toolchain: str
    nonce: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{32})?$")]
    verdict: Verdict
    findings: tuple[str, ...]
    suspicions: tuple[str, ...] = ()  # they decide nothing: where a person should look
    cause: CauseRecord | None
    twins: TwinsRecord | None
    axes: Axes
    composites: tuple[Composite, ...]
    limits: RunLimits
    told: Told
    measured: Measured

    def composite(self, formula: str = "cab-tasks-1") -> float | None:
        return next(one.composite for one in self.composites if one.formula == formula)


def dump_score(score: Score) -> bytes:
    return dump_json(plain_score(score))


def plain_score(score: Score) -> dict[str, Any]:
    """
    As JSON has it, with the keys of the schema.
    """
    return score.model_dump(mode="json", by_alias=True)


def read_score(data: bytes, place: str) -> Score:
    """
    Raises:
        UsageError: not JSON, or no record of this schema; says where.
    """
    try:
        return Score.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{place}: {where or 'no record of a score'}: {first['msg']}") from error


def differences(one: Score, other: Score) -> tuple[str, ...]:
    """
    The paths at which two records differ, `measured` and the scorer's version apart; sorted.
    """
    left, right = plain_score(one), plain_score(other)
    for plain in (left, right):
        del plain["measured"], plain["scorer_version"]
    return tuple(sorted(_differing(left, right, "")))


def _differing(one: object, other: object, path: str) -> list[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [
            where
            for key in keys
            for where in _differing(one.get(key), other.get(key), f"{path}.{key}".lstrip("."))
        ]
    return [] if one == other else [path]


def schema_text() -> str:
    """
    JSON Schema 2020-12 of a record.
    """
    schema = Score.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": SCHEMA_URL, **schema}, indent=2) + "\n"
