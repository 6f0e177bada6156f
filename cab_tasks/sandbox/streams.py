"""
What a run writes, read as it comes and never beyond its limits.
"""

from __future__ import annotations

import contextlib
import os
import selectors
from typing import TYPE_CHECKING

from cab_tasks.sandbox.records import Ended

if TYPE_CHECKING:
    from cab_tasks.sandbox.processes import Child
    from cab_tasks.sandbox.records import Limits

_CHUNK = 1 << 18


class Streams:
    """
    Reads stdout, stderr, channel and info of one child, in the calling thread.
    """

    def __init__(self, child: Child, limits: Limits) -> None:
        self.stdout, self.stderr = bytearray(), bytearray()
        self.channel, self.info = bytearray(), bytearray()
        self.is_over = False  # the child itself is dead; others may still hold its pipes
        self._limits = limits
        self._pidfd = child.pidfd
        self._sinks = {
            child.stdout: self.stdout,
            child.stderr: self.stderr,
            child.channel: self.channel,
            child.info: self.info,
        }
        self._selector = selectors.DefaultSelector()
        for fd in (*self._sinks, child.pidfd):
            self._selector.register(fd, selectors.EVENT_READ)

    def close(self) -> None:
        self._selector.close()

    def pump(self, timeout_s: float) -> None:
        """
        Read what is there, waiting for it up to `timeout_s`.
        """
        for key, _ in self._selector.select(max(timeout_s, 0.0)):
            if key.fd == self._pidfd:
                self.is_over = True
            else:
                self._read(key.fd)

    def drain(self) -> None:
        """
        Read what the dead have left in the pipes; never waits.
        """
        for fd in self._sinks:
            while self.excess() is None and self._read(fd):
                pass

    def excess(self) -> Ended | None:
        """
        OUTPUT once more was written than may be.
        """
        printed = len(self.stdout) + len(self.stderr)
        if printed > self._limits.output_bytes or len(self.channel) > self._limits.channel_bytes:
            return Ended.OUTPUT
        return None

    def texts(self) -> tuple[bytes, bytes, bytes]:
        """
        Stdout, stderr and channel, without what is beyond the limits.
        """
        room = max(0, self._limits.output_bytes - len(self.stdout))
        return (
            bytes(self.stdout[: self._limits.output_bytes]),
            bytes(self.stderr[:room]),
            bytes(self.channel[: self._limits.channel_bytes]),
        )

    def is_ready(self) -> bool:
        """
        Whether the set-up said its one word, which is then taken off the channel.
        """
        if not self.channel.startswith(b"+"):
            return False
        del self.channel[:1]
        return True

    def _read(self, fd: int) -> bool:
        try:
            data = os.read(fd, _CHUNK)
        except BlockingIOError:
            return False
        self._sinks[fd] += data
        if not data:
            with contextlib.suppress(KeyError):
                self._selector.unregister(fd)
        return bool(data)
