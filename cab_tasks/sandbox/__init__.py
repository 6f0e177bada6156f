"""
Starts every program that is not ours: bubblewrap, limits, a clean environment, nothing left behind.

The only spawner of the project. Paths inside are fixed, so nothing that runs can tell where it is.
"""

from cab_tasks.sandbox.records import (
    CHANNEL_FD,
    ENV,
    HOME,
    INJECT,
    REQUESTS_FD,
    TARGET,
    TREE,
    Command,
    Ended,
    Finished,
    Limits,
    Mount,
    Policy,
    SandboxWarning,
)
from cab_tasks.sandbox.session import Session, SessionOver, open_session
from cab_tasks.sandbox.spawn import describe, has_walls, run

__all__ = [
    "CHANNEL_FD",
    "ENV",
    "HOME",
    "INJECT",
    "REQUESTS_FD",
    "TARGET",
    "TREE",
    "Command",
    "Ended",
    "Finished",
    "Limits",
    "Mount",
    "Policy",
    "SandboxWarning",
    "Session",
    "SessionOver",
    "describe",
    "has_walls",
    "open_session",
    "run",
]
