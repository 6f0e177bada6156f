"""
This machine's cores: a fixed number of workers, each with a build folder of its own.

Workers are threads: their work is waiting for processes in the sandbox.
"""

from __future__ import annotations

import queue
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

T = TypeVar("T")
Slot = TypeVar("Slot")


class LocalExecutor(Generic[Slot]):
    """
    Runs calls on as many workers as there are slots; a call gets a slot that no other one has.
    """

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        for slot in slots:
            self._slots.put(slot)
        self._pool = ThreadPoolExecutor(len(slots), thread_name_prefix="trial")

    def submit(self, call: Callable[[Slot], T]) -> Future[T]:
        return self._pool.submit(self._with_slot, call)

    def __enter__(self) -> LocalExecutor[Slot]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def _with_slot(self, call: Callable[[Slot], T]) -> T:
        slot = self._slots.get()
        try:
            return call(slot)
        finally:
            self._slots.put(slot)
