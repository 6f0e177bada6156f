"""
A Ray cluster: every call is a task on any of its nodes, made again where a process or node dies.

Ray is imported when a pool is opened; it comes with the extra `cab-tasks[ray]`.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import math
import os
import pickle
import signal
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cab_tasks import __version__
from cab_tasks.errors import UsageError, WorkerDiedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from cab_tasks.executors.contract import Slot

_RETRIES = 3  # of a call whose process or node died
_AHEAD = 2  # calls on their way beyond those that run: Ray then keeps its workers
_LOOK_S = 2.0  # between two looks at the size of the cluster
_UNWIND_S = 5.0  # for cancelled calls to remove their folders, and for slots to close
_MEET_S = 0.3  # a closing call stays so long that each worker process gets one
_STORE_BYTES = 512 << 20  # the plan and results on their way; Ray spills what is over to disk
# Read by Ray when it is imported and started.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # under `uv run` it would ship the current folder
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns of graphics cards
    "RAY_worker_niceness": "0",  # as the workers of any other executor
}


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
        self._plan = pickle.dumps(make_slot)
        self._key = hashlib.sha256(self._plan).hexdigest()
        self._address = address
        self._most = workers
        self._need = need or Need()
        self._backlog: deque[tuple[Any, Callable[..., Any], tuple[object, ...]]] = deque()
        self._flying: dict[Any, Any] = {}  # Ray's reference of a call → its key
        self._homes: set[tuple[str, int]] = set()  # node and process of every slot that answered
        self._looked = -math.inf
        self._open = contextlib.ExitStack()

    def __enter__(self) -> RayPool:
        with contextlib.ExitStack() as stack:
            self._ray = stack.enter_context(_connected(self._address, self._most))
            self._task = self._prepared_task()
            self._reference = self._ray.put(self._plan)
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
            self._cancel()
            self._close_slots()

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
        result, error, home = self._fetched(ready[0])
        self._homes.add(home)
        if error is not None:
            raise error
        return key, result

    def _send(self) -> None:
        while self._backlog and len(self._flying) < self.workers + _AHEAD:
            key, call, arguments = self._backlog.popleft()
            # In a list a reference stays one: a process that has its slot fetches nothing.
            ticket = (__version__, self._key, [self._reference])
            self._flying[self._task.remote(ticket, call, arguments)] = key

    def _fetched(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError:
            raise
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
        )(_made)

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

    def _cancel(self) -> None:
        """
        Calls that nobody waits for: first they unwind, then they are killed.
        """
        self._backlog.clear()
        left = list(self._flying)
        for reference in left:
            self._ray.cancel(reference, force=False)
        if left:
            _, left = self._ray.wait(left, num_returns=len(left), timeout=_UNWIND_S)
        for reference in left:
            self._ray.cancel(reference, force=True)
        self._flying.clear()

    def _close_slots(self) -> None:
        """
        Tasks have no address; as many at once as there are slots meet each of them.
        """
        calls = [self._ray.remote(num_cpus=1, max_retries=0)(_closed) for _ in self._homes]
        references = [call.remote(self._key) for call in calls]
        if references:
            self._ray.wait(references, num_returns=len(references), timeout=_UNWIND_S)
        for reference in references:
            self._ray.cancel(reference, force=False)


_slots: dict[str, Slot] = {}  # of this worker process, by what made them


def _made(
    ticket: tuple[str, str, list[Any]], call: Callable[..., Any], arguments: tuple[object, ...]
) -> tuple[Any, Exception | None, tuple[str, int]]:
    """
    In a worker process: result and error of a call, and where it was made.
    """
    import ray

    home = ray.get_runtime_context().get_node_id(), os.getpid()
    try:
        return call(_slot(*ticket), *arguments), None, home
    except Exception as raised:  # noqa: BLE001 - raised again by `next`
        return None, raised, home


def _slot(version: str, key: str, plan: list[Any]) -> Slot:
    import ray

    if version != __version__:
        raise UsageError(
            f"a node of the cluster has cab-tasks {__version__}, this one is {version}; "
            "install the same on all"
        )
    if key not in _slots:
        _slots[key] = pickle.loads(ray.get(plan[0]))(os.getpid())
    return _slots[key]


def _closed(key: str) -> None:
    slot = _slots.pop(key, None)
    if slot is not None:
        slot.close()
    time.sleep(_MEET_S)


@contextlib.contextmanager
def _connected(address: str, cpus: int) -> Iterator[Any]:
    """
    The module `ray`, connected.

    Raises:
        UsageError: there is no cluster at that address, or not of this version.
    """
    os.environ.update(_SETTINGS)
    with _own_signals():
        import ray
    if ray.is_initialized():
        yield ray
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    with tempfile.TemporaryDirectory(prefix="cab-ray-", dir="/tmp") as folder:
        own: dict[str, Any] = {
            "num_cpus": cpus or None,
            "include_dashboard": False,
            "object_store_memory": _STORE_BYTES,
            "_temp_dir": folder,  # not deeper: a socket's path has 107 bytes
        }
        with _own_signals():
            try:
                ray.init(address or "local", **quiet, **({} if address else own))
            except (ConnectionError, RuntimeError, ValueError) as error:
                where = f"the cluster at {address}" if address else "a cluster on this machine"
                raise UsageError(f"{where} cannot be used: {error}") from error
        try:
            yield ray
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """
    Ray takes SIGTERM for itself; what ends this program stays ours.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, ours)
