"""
A Ray cluster: every call is a task on any of its nodes, made again where a process or node dies.

Ray is imported when a pool is opened; it comes with the extra `cab-tasks[ray]`.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import math
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cab_tasks import __version__
from cab_tasks.errors import UsageError, WorkerDiedError
from cab_tasks.executors.ray_cluster import connected
from cab_tasks.executors.ray_worker import Bell, make

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from cab_tasks.executors.contract import Slot

_RETRIES = 3  # of a call whose process or node died
_AHEAD = 2  # calls on their way beyond those that run: Ray then keeps its workers
_LOOK_S = 2.0  # between two looks at the size of the cluster
_UNWIND_S = 5.0  # for calls that nobody waits for to remove their folders, and slots to close
_LISTENERS = 100_000  # worker processes that one bell can wake


@dataclass(frozen=True, slots=True)
class Need:
    """
    What one call keeps busy; a node takes no more calls than it can feed.
    """

    cpus: int = 1
    memory_bytes: int = 0


def check_installed() -> None:
    """
    Raises:
        UsageError: Ray is not there.
    """
    if importlib.util.find_spec("ray") is None:
        raise UsageError("Ray is not installed: pip install 'cab-tasks[ray]'")


class RayPool:
    """
    Calls on a cluster as long as the block lasts. Each worker process makes its slot once, and
    keeps it; `make_slot` travels to a node once, and gets a process id.

    `address` is a cluster's, or `auto`; without one, a cluster is started on this machine with
    `workers` CPUs, and ended with the block. With one, `workers` is the most calls at once, 0 as
    many as the cluster feeds. A Ray that this process is connected to already is used as it is.
    """

    def __init__(
        self,
        make_slot: Callable[[int], Slot],
        *,
        address: str = "",
        workers: int = 0,
        need: Need | None = None,
    ) -> None:
        check_installed()
        self.workers = max(1, workers)
        self._make_slot = make_slot
        self._address = address
        self._most = workers
        self._need = need or Need()
        self._backlog: deque[tuple[Any, Callable[..., Any], tuple[object, ...]]] = deque()
        self._flying: dict[Any, Any] = {}  # Ray's reference of a call → its key
        self._looked = -math.inf
        self._open = contextlib.ExitStack()

    def __enter__(self) -> RayPool:
        with contextlib.ExitStack() as stack:
            self._ray = stack.enter_context(connected(self._address, self._most))
            self._task = self._prepared_task()
            self._bell = self._hung_bell()
            plan = self._ray.cloudpickle.dumps(self._make_slot)
            self._key = hashlib.sha256(plan).hexdigest()
            self._reference = self._ray.put(plan)
            self._look()
            self._open = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._open:
            self._backlog.clear()
            self._ray.wait([self._bell.ring.remote()], timeout=_UNWIND_S)

    def submit(self, key: Any, call: Callable[..., Any], *arguments: object) -> None:
        self._backlog.append((key, call, arguments))
        self._send()

    def next(self) -> tuple[Any, Any]:
        ready: list[Any] = []
        while not ready:
            self._look()
            self._send()
            ready, _ = self._ray.wait(list(self._flying), num_returns=1, timeout=_LOOK_S)
        key = self._flying.pop(ready[0])
        self._send()
        result, error = self._fetched(ready[0])
        if error is not None:
            raise error
        return key, result

    def _send(self) -> None:
        while self._backlog and len(self._flying) < self.workers + _AHEAD:
            key, call, arguments = self._backlog.popleft()
            # In a list a reference stays one: a process that has its slot fetches nothing.
            plan = [self._reference]
            sent = self._task.remote(__version__, self._key, plan, self._bell, call, arguments)
            self._flying[sent] = key

    def _fetched(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:  # not from the call: `make` keeps those
            if "No module named 'cab_tasks" not in str(error):
                raise
            raise UsageError(
                f"a node of the cluster has no cab-tasks; install {__version__} on all"
            ) from error
        except self._ray.exceptions.RayError as lost:
            told = str(lost).strip().splitlines()[0]
            raise WorkerDiedError(f"no worker of the cluster could end a call: {told}") from lost

    def _prepared_task(self) -> Any:
        """
        The remote function, with what each call of it takes from a node.

        Raises:
            UsageError: the cluster has no node that can run anything.
        """
        nodes = [one["Resources"] for one in self._ray.nodes() if one["Alive"]]
        cpus = max((int(one.get("CPU", 0)) for one in nodes), default=0)
        if cpus == 0:
            raise UsageError(f"{self._address}: no node of this cluster has a CPU to give")
        memory = max(int(one.get("memory", 0)) for one in nodes)
        return self._ray.remote(
            num_cpus=min(self._need.cpus, cpus),
            memory=min(self._need.memory_bytes, memory),
            max_retries=_RETRIES,
        )(make)

    def _look(self) -> None:
        """
        Clusters grow and shrink.
        """
        if time.monotonic() - self._looked < _LOOK_S:
            return
        self._looked = time.monotonic()
        cpus = int(self._ray.cluster_resources().get("CPU", 0))
        fed = max(1, cpus // self._need.cpus)
        self.workers = min(self._most, fed) if self._most else fed

    def _hung_bell(self) -> Any:
        """
        On our own node: it must not be lost with another one.
        """
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = self._ray.get_runtime_context().get_node_id()
        options = {
            "num_cpus": 0,
            "max_concurrency": _LISTENERS,
            "scheduling_strategy": NodeAffinitySchedulingStrategy(here, soft=False),
        }
        return self._ray.remote(**options)(Bell).remote()
