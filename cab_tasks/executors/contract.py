"""
What an executor is: calls go in, results come out in the order in which they are ready.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Slot(Protocol):
    """
    What a worker keeps between calls: warm processes, build folders.
    """

    def close(self) -> None:
        """Called once, when the worker ends in peace."""


class Executor(Protocol):
    """
    Runs `call(slot, *arguments)` on workers; everything that travels must be picklable.
    """

    workers: int

    def submit(self, key: Any, call: Callable[..., Any], *arguments: object) -> None:
        """Queue a call; `key` names its result."""

    def next(self) -> tuple[Any, Any]:
        """
        Key and result of the next call that is done; waits for it.

        Raises:
            Exception: whatever the call raised.
            WorkerDiedError: its worker died, and so did the one that tried again.
        """
