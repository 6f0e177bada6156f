"""
The engine's workers within one process: threads, each with an engine of its own.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import _plain

from cab_tasks.errors import SandboxError
from cab_tasks.model import RunEnd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.model import Mutant, Screened
    from cab_tasks.screen.contract import Prepared, Screen, Setting


class Worker:
    """
    One engine; what it cannot decide, a plain run does, as in `generate`.
    """

    def __init__(self, setting: Setting, prepared: Prepared, number: int) -> None:
        self._prepared, self._number = prepared, number
        self._plain = _plain.prepare_plain(setting, ()).open(number)
        self._screen: Screen | None = prepared.open(number)

    def screen(self, mutant: Mutant, *, first_flip: bool) -> tuple[str, Screened]:
        """
        The lane, `plain` among them, and what was found.
        """
        for _ in range(2):
            self._screen = self._screen or self._prepared.open(self._number)
            try:
                told = self._screen.screen(mutant, first_flip=first_flip)
            except SandboxError as error:
                print(f"{mutant.path}:{mutant.line}: {error}", file=sys.stderr)
                self.close()
                continue
            if told.end not in (RunEnd.ERROR, RunEnd.CRASHED):
                return told.lane.value, told
            break
        return "plain", self._plain.screen(mutant)

    def close(self) -> None:
        if self._screen is not None:
            self._screen.close()
            self._screen = None


def screened(
    setting: Setting, prepared: Prepared, mutants: Sequence[Mutant], jobs: int, *, first_flip: bool
) -> list[tuple[str, Screened]]:
    """
    A thread a worker: it only waits for its engine.
    """
    found: dict[int, tuple[str, Screened]] = {}
    numbers, lock = iter(range(len(mutants))), threading.Lock()

    def work(worker: Worker) -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            found[number] = worker.screen(mutants[number], first_flip=first_flip)

    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        opened = pool.map(lambda number: Worker(setting, prepared, number), range(jobs))
        workers = [stack.enter_context(closing(worker)) for worker in opened]
        list(pool.map(work, workers))
    return [found[number] for number in range(len(mutants))]
