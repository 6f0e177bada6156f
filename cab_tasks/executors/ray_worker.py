"""
The far side of a Ray pool: what happens in a worker process, and how it hears of the end.
"""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import os
import pickle
import threading
from typing import TYPE_CHECKING, Any

from cab_tasks import __version__
from cab_tasks.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cab_tasks.executors.contract import Slot

_LOOK_S = 0.02


class Bell:
    """
    An actor that every worker process listens to; it rings when the pool ends.

    Ray's own `cancel` ends the driver by a failed check where the task is just being completed
    (2.60), and says nothing to processes that keep a slot and have no task.
    """

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._listeners = 0

    async def join(self) -> bool:
        """
        Whether there is something left to do.
        """
        self._listeners += not self._rung.is_set()
        return not self._rung.is_set()

    async def hear(self) -> None:
        await self._rung.wait()

    async def leave(self) -> None:
        self._listeners -= 1

    async def ring(self) -> None:
        """
        Returns once all that joined have left; those that were killed never do.
        """
        self._rung.set()
        while self._listeners:
            await asyncio.sleep(_LOOK_S)


class Desk:
    """
    A pool's slot in this process, made by its first call, closed when the bell rings.
    """

    def __init__(self, plan: Any, bell: Any) -> None:
        import ray

        self._plan = plan
        self._bell = bell
        self._slot: Slot | None = None
        self._is_busy = False
        self._is_left = False
        self._lock = threading.Lock()
        self.is_over = not ray.get(bell.join.remote())
        if not self.is_over:
            threading.Thread(target=self._listen, daemon=True).start()

    def made(self, call: Callable[..., Any], arguments: tuple[object, ...]) -> Any:
        """
        Raises:
            KeyboardInterrupt: the bell rang meanwhile; folders and processes are gone.
        """
        import ray

        self._is_busy = True
        try:
            if self.is_over:
                raise KeyboardInterrupt
            if self._slot is None:
                self._slot = pickle.loads(ray.get(self._plan))(os.getpid())
            return call(self._slot, *arguments)
        finally:
            self._is_busy = False
            if self.is_over:
                self._leave()

    def _listen(self) -> None:
        import ray

        # An actor that is gone has rung: it lives where the pool lives.
        with contextlib.suppress(ray.exceptions.RayError):
            ray.get(self._bell.hear.remote())
        self.is_over = True
        if self._is_busy:
            _thread.interrupt_main()
        else:
            self._leave()

    def _leave(self) -> None:
        with self._lock:
            if self._is_left:
                return
            self._is_left = True
            if self._slot is not None:
                self._slot.close()
            self._bell.leave.remote()


_desks: dict[str, Desk] = {}


def make(
    version: str,
    key: str,
    plan: list[Any],
    bell: Any,
    call: Callable[..., Any],
    arguments: tuple[object, ...],
) -> tuple[Any, Exception | None]:
    """
    Result and error of a call; `key` names the pool, `plan` holds the reference of what makes
    its slot.
    """
    try:
        if version != __version__:
            raise UsageError(
                f"a node of the cluster has cab-tasks {__version__}, the driver {version}; "
                "install the same on all"
            )
        if key not in _desks:
            _desks[key] = Desk(plan[0], bell)
        return _desks[key].made(call, arguments), None
    except KeyboardInterrupt:
        if key in _desks and _desks[key].is_over:
            return None, None  # nobody asks for it
        raise
    except Exception as raised:  # noqa: BLE001 - raised again by `next`
        return None, raised
