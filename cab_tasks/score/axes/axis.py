"""
What every axis is: a frozen record with CodingAgentBench's keys, and some of ours beside them.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Axis(BaseModel):
    """
    One axis of a score.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
