"""
What an attempt cost in tokens, as far as somebody counted; what nobody counted is null, not 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.score.axes.axis import Axis
from cab_tasks.score.told import Source  # noqa: TC001 - pydantic reads it at run time

if TYPE_CHECKING:
    from cab_tasks.score.told import Told


class Tokens(Axis):
    """
    `tokens_per_correct_task` is the total of an attempt that passes; one that does not has none.
    """

    prompt_tokens: int | None
    completion_tokens: int | None
    total_tokens: int | None
    model_calls: int | None
    tokens_per_correct_task: float | None
    pass_used_for_division: int
    source: Source | None


def tokens(told: Told, *, passed: bool) -> Tokens:
    """
    The axis from what is told; a total that is not told is the sum of its two parts.
    """
    total = told.total_tokens
    if total is None and told.prompt_tokens is not None and told.completion_tokens is not None:
        total = told.prompt_tokens + told.completion_tokens
    counted = (told.prompt_tokens, told.completion_tokens, total, told.model_calls)
    return Tokens(
        prompt_tokens=told.prompt_tokens,
        completion_tokens=told.completion_tokens,
        total_tokens=total,
        model_calls=told.model_calls,
        tokens_per_correct_task=float(total) if total is not None and passed else None,
        pass_used_for_division=int(passed),
        source=told.tokens_source if any(one is not None for one in counted) else None,
    )
