"""
How long an attempt took, as far as somebody measured; what nobody measured is null, not 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.score.axes.axis import Axis
from cab_tasks.score.told import Source  # noqa: TC001 - pydantic reads it at run time

if TYPE_CHECKING:
    from cab_tasks.score.told import Told


class Latency(Axis):
    """
    Milliseconds: from start to end, of the container, of model calls.
    """

    wall_clock_ms: float | None
    container_active_ms: float | None
    model_call_ms: float | None
    source: Source | None


def latency(told: Told) -> Latency:
    """
    The axis from what is told.
    """
    times = (told.wall_clock_ms, told.container_active_ms, told.model_call_ms)
    is_known = any(one is not None for one in times)
    return Latency(
        wall_clock_ms=told.wall_clock_ms,
        container_active_ms=told.container_active_ms,
        model_call_ms=told.model_call_ms,
        source=told.latency_source if is_known else None,
    )
