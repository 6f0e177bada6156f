"""
What harness or agent tell of an attempt: tokens, times, last words. Labelled, bounded, or refused.
"""

from __future__ import annotations

import json
import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from cab_tasks.score.causes import Cause, is_infrastructure

Source = Literal["measured", "self-reported"]

# Bounds tell a mistake or a lie from a long run: no cell of a benchmark comes near them.
MAX_TOKENS = 10**9
MAX_CALLS = 10**6
MAX_MS = 7 * 24 * 3600 * 1000
MAX_MESSAGE = 200_000  # characters of the last message that are looked at
MAX_BYTES = 4 << 20
SHOWN = 40  # characters of a refused value

_COUNTS = {
    "prompt_tokens": MAX_TOKENS,
    "completion_tokens": MAX_TOKENS,
    "total_tokens": MAX_TOKENS,
    "model_calls": MAX_CALLS,
}
_TIMES = ("wall_clock_ms", "container_active_ms", "model_call_ms")
_SOURCES = ("tokens_source", "latency_source", "cause_source")


class Told(BaseModel):
    """
    Nothing of it is trusted. A value that makes no sense is None, and `refused` says so.

    Sources are `measured` (by the harness, outside of the agent) or `self-reported`. Only the
    harness can tell a cause that is not the agent's: a self-reported one is refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    model_calls: int | None = None
    wall_clock_ms: float | None = None
    container_active_ms: float | None = None
    model_call_ms: float | None = None
    timed_out: bool = False
    final_message: str = ""
    cause: Cause | None = None
    tokens_source: Source = "self-reported"
    latency_source: Source = "self-reported"
    cause_source: Source = "self-reported"
    refused: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _sift(cls, plain: Any) -> Any:
        """
        Whatever comes in: what can be counted stays, the rest is told in `refused`.
        """
        if not isinstance(plain, dict):
            return {"refused": ("told: no object of keys and values, so nothing of it counts",)}
        refused = list(_texts(plain.get("refused")))
        kept: dict[str, Any] = {}
        for name, value in plain.items():
            objection = "" if value is None or name == "refused" else _objection(name, value)
            if objection:
                refused.append(f"told.{_short(name)}: {objection}, not counted")
            elif name != "refused" and value is not None:
                kept[name] = value
        refused += _contradictions(kept)
        return {**kept, "refused": tuple(dict.fromkeys(refused))}


def read_told(data: bytes) -> Told:
    """
    What a JSON file tells; one that cannot be read tells nothing, and says why.
    """
    if len(data) > MAX_BYTES:
        return Told(refused=(f"told: larger than {MAX_BYTES} bytes, so nothing of it counts",))
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in found]
        twice.extend(name for name in set(names) if names.count(name) > 1)
        return dict(found)

    try:
        plain = json.loads(data, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return Told(refused=("told: not JSON, so nothing of it counts",))
    if not isinstance(plain, dict):
        return Told.model_validate(plain)
    refused = [f"told.{_short(name)}: there more than once, not counted" for name in sorted(twice)]
    once = {name: value for name, value in plain.items() if name not in twice}
    return Told.model_validate({**once, "refused": refused})


def _objection(name: str, value: object) -> str:
    """
    Why a value does not count, or nothing.
    """
    if name in _COUNTS:
        return _number(value, _COUNTS[name], whole=True)
    if name in _TIMES:
        return _number(value, MAX_MS, whole=False)
    if name == "timed_out":
        return "" if isinstance(value, bool) else "not true or false"
    if name in _SOURCES:
        return "" if value in ("measured", "self-reported") else f"{_shown(value)} is no source"
    if name == "cause":
        return "" if value in list(Cause) else f"{_shown(value)} is no cause"
    if name == "final_message":
        return "" if isinstance(value, str) else "not a text"
    return "no such key"


def _number(value: object, most: int, *, whole: bool) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{_shown(value)} is no number"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no finite number"
    if whole and not isinstance(value, int):
        return f"{value} is no whole number"
    if value < 0:
        return f"{_shown(value)} is below 0"
    return f"{_shown(value)} is more than {most}" if value > most else ""


def _contradictions(kept: dict[str, Any]) -> list[str]:
    """
    What is refused because of another value; takes it out.
    """
    refused = []
    parts = sum(kept.get(name, 0) for name in ("prompt_tokens", "completion_tokens"))
    total = kept.get("total_tokens", parts)
    if total < parts:
        del kept["total_tokens"]
        refused.append("told.total_tokens: less than its parts, not counted")
    if total == 0 and any(name in kept for name in list(_COUNTS)[:3]):
        # What was not recorded often reads 0, and would be the best score of all.
        for name in list(_COUNTS)[:3]:
            kept.pop(name, None)
        refused.append("told.total_tokens: no model answers for 0 tokens, not counted")
    if is_infrastructure(_cause(kept)) and kept.get("cause_source") != "measured":
        cause = kept.pop("cause")
        refused.append(f"told.cause: {cause} by the agent's own word, not counted")
    message = kept.get("final_message", "")
    kept["final_message"] = message[:MAX_MESSAGE].encode("utf-8", "replace").decode()
    return refused


def _cause(kept: dict[str, Any]) -> Cause | None:
    return Cause(kept["cause"]) if "cause" in kept else None


def _texts(value: object) -> tuple[str, ...]:
    plain = value if isinstance(value, (list, tuple)) else ()
    return tuple(text for text in plain if isinstance(text, str))


def _shown(value: object) -> str:
    # The digits of a huge number are not worth their time.
    if isinstance(value, int) and abs(value) > 10**30:
        return "a huge number"
    return _short(repr(value))


def _short(text: object) -> str:
    plain = str(text).encode("ascii", "backslashreplace").decode()
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"
