"""
A program that stays: it is sent requests, and answers them line by line.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import TYPE_CHECKING

from cab_tasks.errors import SandboxError
from cab_tasks.sandbox.records import Ended, Policy
from cab_tasks.sandbox.spawn import TICK_S, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cab_tasks.sandbox.records import Command, Finished, Limits
    from cab_tasks.sandbox.spawn import Opened

_TAIL = 1 << 16  # bytes of stdout and stderr that are kept


class SessionOver(SandboxError):  # noqa: N818 - an end, not always an error
    """
    The program has ended, or was ended for a limit.
    """

    def __init__(self, finished: Finished) -> None:
        super().__init__(f"the session ended: {finished.ended}, exit code {finished.exit_code}")
        self.finished = finished

    def __reduce__(self) -> tuple[type[SessionOver], tuple[Finished]]:
        return SessionOver, (self.finished,)


@contextlib.contextmanager
def open_session(
    command: Command, limits: Limits, *, policy: Policy = Policy.AUTO
) -> Iterator[Session]:
    """
    Start a program of `requests` and `channel`; when the block ends, all of it is killed.

    `limits.timeout_s` is for the whole session. Output beyond a tail of 64 KiB is dropped.

    Raises:
        SandboxError: the program could not be started at all.
        SessionOver: its tree alone is over the limits.
    """
    with contextlib.ExitStack() as stack:
        try:
            session = Session(stack.enter_context(opened(command, limits, policy)))
            stack.callback(session.end)
            session.start()
        except OSError as error:
            raise SandboxError(f"the sandbox failed: {error}") from error
        yield session


class Session:
    """
    One program that runs until its block ends, or it does.
    """

    def __init__(self, waiting: Opened) -> None:
        self._opened = waiting
        self._started = time.monotonic()
        self._look = 0.0
        self._finished: Finished | None = None

    def start(self) -> None:
        """
        Let the program begin.
        """
        ended = self._opened.set_up()
        if ended is not None:
            raise SessionOver(self._end(ended))
        self._started = time.monotonic()
        self._opened.child.release()

    def send(self, data: bytes) -> None:
        """
        Hand the program a request; waits while its pipe is full.

        Raises:
            SessionOver: it has ended.
        """
        self._check()
        view = memoryview(data)
        fd = self._opened.child.requests
        while view:
            _, writable, _ = select.select((), (fd,), (), 0)
            if not writable:
                self._pump(TICK_S)
                continue
            try:
                view = view[os.write(fd, view[: select.PIPE_BUF]) :]
            except BrokenPipeError:  # it is dead, or has closed its end and takes no more
                raise SessionOver(self._end(None)) from None

    def receive(self, timeout_s: float) -> bytes | None:
        """
        The next line of the channel without its end; None if none comes in time.

        Raises:
            SessionOver: the program has ended, and every line of it was received.
        """
        deadline = time.monotonic() + timeout_s
        channel = self._opened.streams.channel
        looked = 0
        while True:
            at = channel.find(b"\n", looked)
            if at >= 0:
                line = bytes(channel[:at])
                del channel[: at + 1]
                return line
            looked = len(channel)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._pump(min(left, TICK_S))

    def stderr_tail(self) -> bytes:
        return bytes(self._opened.streams.stderr[-_TAIL:])

    def end(self) -> None:
        """
        Kill whatever is left; more than once does no harm.
        """
        if self._finished is None:
            self._end(None)

    def _pump(self, timeout_s: float) -> None:
        self._check()
        streams = self._opened.streams
        streams.pump(timeout_s)
        for text in (streams.stdout, streams.stderr):
            if len(text) > 2 * _TAIL:
                del text[:-_TAIL]
        if streams.is_over:
            streams.drain()
        elif time.monotonic() >= self._look:
            self._look = time.monotonic() + TICK_S
            self._check_limits()

    def _check(self) -> None:
        """
        Raise once the program is dead and nothing that it said is left.
        """
        if self._finished is not None:
            raise SessionOver(self._finished)
        streams = self._opened.streams
        if streams.is_over and b"\n" not in streams.channel:
            raise SessionOver(self._end(None))

    def _check_limits(self) -> None:
        is_late = time.monotonic() - self._started > self._opened.limits.timeout_s
        over = self._opened.excess(self._opened.growth.is_over())
        if is_late or over is not None:
            raise SessionOver(self._end(Ended.TIMEOUT if over is None else over))

    def _end(self, ended: Ended | None) -> Finished:
        code = self._opened.kill()
        duration_s = time.monotonic() - self._started
        self._finished = self._opened.told(ended, code, duration_s)
        return self._finished
