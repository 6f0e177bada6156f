"""
A connection to a Ray cluster, or a cluster of our own: quiet, and over when the block is.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from typing import TYPE_CHECKING, Any

from cab_tasks.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWN = {
    "include_dashboard": False,
    "object_store_memory": 512 << 20,  # plan and results on their way; the rest is spilled to disk
}
# Read by Ray when it is imported and started.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # under `uv run` it would ship the current folder
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns of graphics cards
    "RAY_worker_niceness": "0",  # as the workers of any other executor
    # Ray's agents look so long for a cluster that is gone, and only then end.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
}


@contextlib.contextmanager
def connected(address: str, cpus: int) -> Iterator[Any]:
    """
    The module `ray`, connected.

    Raises:
        UsageError: there is no cluster at that address, or not of this version.
    """
    os.environ.update(_SETTINGS)
    import ray

    if ray.is_initialized():
        yield ray
        return
    with contextlib.ExitStack() as stack:
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if not address:
            # Not deeper: a socket's path has 107 bytes.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cab-ray-", dir="/tmp"))
            options |= {"num_cpus": cpus or None, "_temp_dir": folder, **_OWN}
        stack.enter_context(_tamed())
        stack.callback(ray.shutdown)
        with _in_peace():
            try:
                ray.init(address or "local", **options)
            except Exception as error:
                # Of no class of its own where a start takes too long; anything else is a bug.
                if type(error) not in (Exception, ConnectionError, RuntimeError, ValueError):
                    raise
                where = f"the cluster at {address}" if address else "a cluster on this machine"
                raise UsageError(f"{where} cannot be used: {error}") from error
        yield ray


@contextlib.contextmanager
def _in_peace() -> Iterator[None]:
    """
    Ctrl-C and SIGTERM take effect after the block: half a cluster would leave processes behind.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: caught.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, ours in before.items():
            signal.signal(number, ours)
        for late in caught[:1]:
            signal.raise_signal(late)


@contextlib.contextmanager
def _tamed() -> Iterator[None]:
    """
    What Ray has no setting for: stdout is for records, so it tells of lost workers on stderr; and
    what SIGTERM does is ours to say.
    """
    from ray._private import utils, worker

    plainly = worker.print_to_stdstream

    def on_stderr(data: dict[str, Any], ignore_prefix: bool) -> None:
        plainly({**data, "is_err": True}, ignore_prefix)

    with (
        _replaced(worker, "print_to_stdstream", on_stderr),
        _replaced(utils, "set_sigterm_handler", lambda _handler: None),
    ):
        yield


@contextlib.contextmanager
def _replaced(module: Any, name: str, stand_in: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, stand_in)
    try:
        yield
    finally:
        setattr(module, name, before)
