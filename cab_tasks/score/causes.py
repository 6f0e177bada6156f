"""
Why an attempt ended before it was finished, or could not be judged: one vocabulary for all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """
    What ended an attempt, or its judging, early.
    """

    AGENT_EXHAUSTED_BUDGET = "agent_exhausted_budget"  # time, turns, tokens or money
    AGENT_REFUSED = "agent_refused"  # it stopped by its own decision
    PROVIDER_FAILED = "provider_failed"  # the model's: 429, 5xx, no handshake
    SANDBOX_FAILED = "sandbox_failed"  # the place that agent or tests run in
    VERIFIER_FAILED = "verifier_failed"  # the task's own means of judging
    CANCELLED = "cancelled"  # a person, or the harness as a whole
    OURS = "ours"  # a bug of cab-tasks


@dataclass(frozen=True, slots=True)
class Handling:
    """
    What follows from a cause: run the cell again? judge what was left? does the score measure it?
    """

    retry: bool
    grade: bool
    is_valid: bool


# Only what the agent itself decides or uses up is graded: a fault of others says nothing of it.
HANDLING = {
    Cause.AGENT_EXHAUSTED_BUDGET: Handling(retry=False, grade=True, is_valid=True),
    Cause.AGENT_REFUSED: Handling(retry=False, grade=True, is_valid=True),
    Cause.PROVIDER_FAILED: Handling(retry=True, grade=False, is_valid=False),
    Cause.SANDBOX_FAILED: Handling(retry=True, grade=False, is_valid=False),
    Cause.VERIFIER_FAILED: Handling(retry=False, grade=False, is_valid=False),
    Cause.CANCELLED: Handling(retry=True, grade=False, is_valid=False),
    Cause.OURS: Handling(retry=False, grade=False, is_valid=False),
}


def is_infrastructure(cause: Cause | None) -> bool:
    """
    Whether an attempt with this cause has no score.
    """
    return cause is not None and not HANDLING[cause].grade
