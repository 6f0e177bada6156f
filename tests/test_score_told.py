"""
What is told of an attempt: what makes no sense is refused, said so, and never counted.
"""

from __future__ import annotations

import json
import math

import pytest

from cab_tasks.score import HANDLING, Cause, Told, is_infrastructure, read_told
from cab_tasks.score.axes.latency import latency
from cab_tasks.score.axes.tokens import tokens


def test_what_makes_sense_is_counted() -> None:
    told = read_told(
        b'{"prompt_tokens": 20000, "completion_tokens": 300, "model_calls": 4,'
        b' "wall_clock_ms": 14073.113, "latency_source": "measured"}'
    )

    made = tokens(told, passed=True)
    assert told.refused == ()
    assert (made.total_tokens, made.tokens_per_correct_task, made.source) == (
        20300, 20300.0, "self-reported",
    )  # fmt: skip
    assert (latency(told).wall_clock_ms, latency(told).source) == (14073.113, "measured")


def test_what_nobody_told_is_null_and_not_zero() -> None:
    made = tokens(Told(), passed=True)

    assert made.model_dump() == {
        "prompt_tokens": None, "completion_tokens": None, "total_tokens": None,
        "model_calls": None, "tokens_per_correct_task": None, "pass_used_for_division": 1,
        "source": None,
    }  # fmt: skip
    assert latency(Told()).model_dump() == dict.fromkeys(
        ("wall_clock_ms", "container_active_ms", "model_call_ms", "source")
    )


def test_tokens_of_an_attempt_that_fails_are_divided_by_nothing() -> None:
    made = tokens(Told(total_tokens=5000), passed=False)

    assert (made.total_tokens, made.tokens_per_correct_task) == (5000, None)
    assert made.pass_used_for_division == 0


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        pytest.param("prompt_tokens", -1, "-1 is below 0", id="negative"),
        pytest.param("prompt_tokens", True, "True is no number", id="boolean"),
        pytest.param("prompt_tokens", 1.5, "1.5 is no whole number", id="half a token"),
        pytest.param("prompt_tokens", "12", "'12' is no number", id="text"),
        pytest.param("prompt_tokens", [1], "[1] is no number", id="list"),
        pytest.param("total_tokens", 10**9 + 1, "more than 1000000000", id="huge"),
        pytest.param("total_tokens", 10**400, "a huge number", id="too huge to print"),
        pytest.param("total_tokens", 0, "no model answers for 0 tokens", id="zero"),
        pytest.param("wall_clock_ms", math.nan, "nan is no finite number", id="not a number"),
        pytest.param("wall_clock_ms", math.inf, "inf is no finite number", id="infinite"),
        pytest.param("wall_clock_ms", 1e12, "more than 604800000", id="longer than a week"),
        pytest.param("tokens_source", "trust me", "is no source", id="unknown source"),
        pytest.param("cause", "the moon", "is no cause", id="unknown cause"),
        pytest.param("cause", ["x"], "is no cause", id="cause that is a list"),
        pytest.param("timed_out", "yes", "not true or false", id="flag that is a text"),
        pytest.param("final_message", 5, "not a text", id="message that is a number"),
        pytest.param("reward", 1, "no such key", id="unknown key"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: object, reason: str) -> None:
    told = Told.model_validate({name: value})

    [refused] = told.refused
    assert refused.startswith(f"told.{name}: ")
    assert reason in refused
    assert told.model_copy(update={"refused": ()}) == Told()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"\xff{}", "not JSON", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested without end"),
        pytest.param(b"1", "no object", id="a number"),
        pytest.param(b'{"total_tokens": ' + b"9" * 5000 + b"}", "not JSON", id="endless digits"),
        pytest.param(b" " * (5 << 20), "larger than", id="too large"),
    ],
)
def test_file_that_cannot_be_read_tells_nothing(data: bytes, reason: str) -> None:
    told = read_told(data)

    assert reason in told.refused[0]
    assert told.model_copy(update={"refused": ()}) == Told()


def test_key_that_is_there_twice_does_not_count_at_all() -> None:
    told = read_told(b'{"total_tokens": 9000, "total_tokens": 1, "model_calls": 2}')

    assert told.refused == ("told.total_tokens: there more than once, not counted",)
    assert (told.total_tokens, told.model_calls) == (None, 2)


def test_total_below_its_parts_is_refused() -> None:
    told = Told(prompt_tokens=500, completion_tokens=20, total_tokens=3)

    assert told.refused == ("told.total_tokens: less than its parts, not counted",)
    assert tokens(told, passed=True).total_tokens == 520


def test_agent_cannot_excuse_itself_by_an_infrastructure_fault() -> None:
    told = Told(cause=Cause.PROVIDER_FAILED)

    assert told.cause is None
    assert told.refused == ("told.cause: provider_failed by the agent's own word, not counted",)
    assert Told(cause=Cause.PROVIDER_FAILED, cause_source="measured").cause == "provider_failed"
    assert Told(cause=Cause.AGENT_REFUSED).cause == "agent_refused"


def test_told_survives_its_way_through_a_record() -> None:
    told = read_told(b'{"total_tokens": -4, "final_message": "done \\ud800", "model_calls": 3}')

    again = Told.model_validate(json.loads(told.model_dump_json()))

    assert again == told
    assert told.final_message == "done ?"


def test_only_what_an_agent_decides_or_uses_up_is_graded() -> None:
    assert set(HANDLING) == set(Cause)
    graded = {cause for cause in Cause if not is_infrastructure(cause)}
    assert graded == {Cause.AGENT_EXHAUSTED_BUDGET, Cause.AGENT_REFUSED}
    assert {cause for cause, one in HANDLING.items() if one.is_valid} == graded
    assert not any(HANDLING[cause].retry for cause in graded)
