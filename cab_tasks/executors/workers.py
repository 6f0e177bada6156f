"""
This machine's cores: one process a worker, each with a slot that stays warm between calls.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import pickle
import queue
import signal
import threading
from typing import TYPE_CHECKING, Any

from cab_tasks.errors import WorkerDiedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from types import TracebackType

    from cab_tasks.executors.contract import Slot

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_CONTEXT = multiprocessing.get_context("spawn")  # a fork would take our threads' locks along
_TRIES = 2  # a call whose worker died is made once more, on a new worker
_END_S = 10.0
_PARALLEL = 1.5  # a suite that keeps so many cores busy is parallel by itself
_MEMORY_SHARE = 0.8
_OWN_BYTES = 200 << 20  # of a worker itself


def affordable(jobs: int, *, cores_each: float, bytes_each: int) -> int:
    """
    How many of `jobs` workers this machine can feed, given what one keeps busy; one at least.

    A suite that is itself parallel gets fewer; so does one whose processes would not fit into
    the memory that is free now.
    """
    cores = len(os.sched_getaffinity(0))
    by_cores = jobs if cores_each < _PARALLEL else max(1, int(cores / cores_each))
    by_memory = max(1, int(_free_bytes() * _MEMORY_SHARE / (bytes_each + _OWN_BYTES)))
    return max(1, min(jobs, by_cores, by_memory))


def _free_bytes() -> int:
    """
    What can be had without swapping.
    """
    with open("/proc/meminfo", encoding="ascii") as lines:  # noqa: PTH123 - a kernel table
        fields = dict(line.split(":", 1) for line in lines)
    return int(fields["MemAvailable"].split()[0]) << 10


class WorkerPool:
    """
    Worker processes that live as long as the block; they die with this process, however it dies.
    """

    def __init__(self, make_slot: Callable[[int], Slot], workers: int) -> None:
        self.workers = workers
        self._make_slot = make_slot
        self._left = 0  # calls whose result was not taken
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Any, Any, BaseException | None]] = queue.SimpleQueue()
        self._processes: dict[int, BaseProcess] = {}
        self._is_over = threading.Event()
        self._keepers = [
            threading.Thread(target=self._keep, args=(number,), daemon=True)
            for number in range(workers)
        ]

    def __enter__(self) -> WorkerPool:
        for keeper in self._keepers:
            keeper.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        if self._left:
            for process in list(self._processes.values()):
                process.terminate()
        for _ in self._keepers:
            self._calls.put(None)
        for keeper in self._keepers:
            keeper.join()

    def submit(self, key: Any, call: Callable[..., Any], *arguments: object) -> None:
        self._left += 1
        self._calls.put(_Call(key, call, arguments))

    def next(self) -> tuple[Any, Any]:
        key, result, error = self._done.get()
        self._left -= 1
        if error is not None:
            raise error
        return key, result

    def _keep(self, number: int) -> None:
        """
        The thread that feeds one worker, and replaces it when it dies.
        """
        worker: _Worker | None = None
        # A worker that starts inherits this: Ctrl-C reaches the parent, which ends it.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        while (call := self._calls.get()) is not None and not self._is_over.is_set():
            result, error = None, None
            for _ in range(_TRIES):
                try:
                    worker = worker or self._start(number)
                    result, error = worker.made(call)
                    break
                except (EOFError, BrokenPipeError, ConnectionResetError):
                    code = worker.ended() if worker is not None else None
                    worker = None
                    error = WorkerDiedError(f"worker {number} died with exit code {code}")
                    if self._is_over.is_set():
                        return
                except Exception as raised:  # noqa: BLE001 - raised again in `next`
                    error = raised
                    break
            self._done.put((call.key, result, error))
        if worker is not None:
            worker.end()

    def _start(self, number: int) -> _Worker:
        worker = _Worker(self._make_slot, number)
        self._processes[number] = worker.process
        if self._is_over.is_set():
            worker.process.terminate()
        return worker


class _Call:
    """
    What is to be done, and under which name its result comes back.
    """

    def __init__(self, key: Any, call: Callable[..., Any], arguments: tuple[object, ...]):
        self.key = key
        self.call = call
        self.arguments = arguments


class _Worker:
    """
    Our end of one worker process.
    """

    def __init__(self, make_slot: Callable[[int], Slot], number: int) -> None:
        self._pipe, theirs = _CONTEXT.Pipe()
        self.process: BaseProcess = _CONTEXT.Process(
            target=_work, args=(theirs, make_slot, number, os.getpid()), daemon=False
        )
        self.process.start()
        theirs.close()

    def made(self, call: _Call) -> tuple[Any, BaseException | None]:
        """
        Result and error of a call.
        """
        self._pipe.send((call.call, call.arguments))
        answer: tuple[Any, BaseException | None] = self._pipe.recv()
        return answer

    def ended(self) -> int | None:
        self.process.join(_END_S)
        self._kill()
        return self.process.exitcode

    def end(self) -> None:
        """
        Let it close its slot, and not wait for ever.
        """
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._pipe.send(None)
        self.process.join(_END_S)
        self._kill()

    def _kill(self) -> None:
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _work(pipe: Connection, make_slot: Callable[[int], Slot], number: int, parent: int) -> None:
    """
    The life of a worker process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    signal.signal(signal.SIGTERM, _leave)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    slot: Slot | None = None
    try:
        with contextlib.suppress(EOFError, BrokenPipeError):
            while (message := pipe.recv()) is not None:
                call, arguments = message
                result, error = None, None
                try:
                    slot = slot or make_slot(number)
                    result = call(slot, *arguments)
                except Exception as raised:  # noqa: BLE001 - raised again in the parent
                    error = raised
                _send(pipe, result, error)
    finally:
        if slot is not None:
            slot.close()


def _send(pipe: Connection, result: object, error: BaseException | None) -> None:
    try:
        pipe.send((result, error))
    except (TypeError, ValueError, AttributeError, pickle.PicklingError) as unsendable:
        told = f"{error or result!r} cannot be sent: {unsendable}"
        pipe.send((None, RuntimeError(told)))


def _leave(*_: object) -> None:
    """
    Unwind, so that folders are removed; once is enough.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(1)
