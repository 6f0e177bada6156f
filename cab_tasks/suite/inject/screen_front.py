"""
The first process of a session: takes requests, has imported no file of the tree, and forks both
the server and, for what that cannot do, whole runs.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from .channel import FD
from .screen_disk import Watch
from .screen_guard import Guard
from .screen_map import TestMap
from .screen_round import Round
from .screen_state import digest_of_imports
from .screen_wire import Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .channel import Channel

REQUESTS_FD = 6
_NOTHING_ASKED = {"describe": False, "first_flip": False}
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def run(plan: dict[str, Any], root: str, channel: Channel) -> int:
    """
    Serve until there are no more requests.
    """
    os.set_inheritable(REQUESTS_FD, False)
    _adopt_orphans()
    framework = importlib.import_module(f".screen_{plan['framework']}", __package__)
    sys.pycache_prefix = os.path.join(os.environ["HOME"], ".cab-bytecode")  # noqa: PTH118
    tests = TestMap(plan["screen"])
    parts = _Parts(framework, framework.prepare(plan), plan, root, tests, Watch(root))
    server = _Server(parts)
    ready = server.hear()
    channel.send(ready.pop("kind"), **ready)
    whole = parts.round(ready.get("collecting_s", 0.0))
    whole.shut_in_forks(FD, REQUESTS_FD, *server.fds)
    front = _Front(parts, server, whole)
    with os.fdopen(REQUESTS_FD, "rb") as requests:
        for line in requests:
            channel.send("screened", **front.answer(json.loads(line)))
    return 0


class _Parts(NamedTuple):
    """
    What front and server both work with; `prepared` is the framework, before any collection.
    """

    framework: Any
    prepared: Any
    plan: dict[str, Any]
    root: str
    tests: TestMap
    watch: Watch

    def round(self, collecting_s: float) -> Round:
        return Round(self.tests.durations_s, collecting_s, self.plan["screen"]["memory_bytes"])


class _Server:
    """
    The server's process, seen from the front.
    """

    def __init__(self, parts: _Parts) -> None:
        their_requests, our_requests = os.pipe()
        our_replies, their_replies = os.pipe()
        self.fds = (our_requests, our_replies)
        if not os.fork():
            for fd in (FD, REQUESTS_FD, *self.fds):
                os.close(fd)
            _be_server(parts, (their_requests, their_replies))
        for fd in (their_requests, their_replies):
            os.close(fd)
        self._requests = os.fdopen(our_requests, "wb", 0)
        self._replies = os.fdopen(our_replies, "rb")

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        self._requests.write(json.dumps(request).encode("ascii") + b"\n")
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """
        Raises:
            SystemExit: the server is dead.
        """
        line = self._replies.readline()
        if not line:
            sys.exit("the server of the screen has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


class _Front:
    """
    Answers requests: by the server, or by a whole run in a fork of this process.
    """

    def __init__(self, parts: _Parts, server: _Server, whole: Round) -> None:
        self._parts = parts
        self._server = server
        self._round = whole
        self._state: str | None = None  # None until it is needed
        self._is_early = not any(
            _is_in(module, parts.root) for module in list(sys.modules.values())
        )

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._server.ask(request)
        if answer["lane"] != "slow" or not answer["tests"]:
            return answer
        if not self._is_early:
            changed = dict.fromkeys(("has_changed_tree", "has_changed_others"), False)
            return {**answer, "lane": "plain", **self._restore(answer, changed)}

        reaching = set() if request["only"] else set(answer["reaching"])
        if reaching and self._state is None:
            self._restore(answer, dict.fromkeys(("has_changed_tree", "has_changed_others"), False))
            self._state = self._pristine_state()
            return self.answer(request)

        def narrow(tests: list[str]) -> set[str] | None:
            is_same = digest_of_imports(self._parts.root, tests) == self._state
            return reaching if is_same else None

        def body(left: Sequence[str], channel: Channel) -> None:
            wire = Wire(channel, Guard(), None, self._parts.tests, request)
            if reaching and self._state:
                wire.narrow = narrow
            self._run_whole(left, wire)

        found = self._round.run(body, answer["tests"], first_flip=request["first_flip"])
        return {**answer, **found.told(), **self._restore(answer, found.changed)}

    def _run_whole(self, tests: Sequence[str], wire: Wire) -> None:
        self._parts.watch.begin()
        wire.guard.arm()
        plan = {**self._parts.plan, "select": list(tests)}
        code = self._parts.framework.run_whole(self._parts.prepared, plan, self._parts.root, wire)
        if not wire.has_collected:
            wire.send("collection_error", id="", text=f"exit code {code}")
        wire.note(self._parts.watch)

    def _pristine_state(self) -> str:
        """
        What imports without a bug leave behind; empty if that is not twice the same.
        """

        def body(left: Sequence[str], channel: Channel) -> None:
            wire = Wire(channel, Guard(), None, self._parts.tests, _NOTHING_ASKED)

            def tell(tests: list[str]) -> set[str]:
                channel.send("state", digest=digest_of_imports(self._parts.root, tests))
                return set()

            wire.narrow = tell
            self._run_whole(left, wire)

        found = [self._round.run(body, self._parts.tests.tests) for _ in range(2)]
        for one in found:
            told = {"kind": "restore", "edited": "", **one.changed}
            self._server.ask(told)
        states = {one.state for one in found}
        return states.pop() if len(states) == 1 else ""

    def _restore(self, answer: dict[str, Any], changed: dict[str, bool]) -> dict[str, Any]:
        return self._server.ask({"kind": "restore", "edited": answer["edited"], **changed})


def _be_server(parts: _Parts, fds: tuple[int, int]) -> None:
    """
    Never returns.
    """
    code = 70
    try:
        _adopt_orphans()
        sys.dont_write_bytecode = False  # for whole runs to read
        started = time.monotonic()
        requests, replies = os.fdopen(fds[0], "rb"), os.fdopen(fds[1], "wb")

        def begin(suite: Any) -> None:
            from .screen_server import Server, serve  # it reads what is loaded by now

            sys.pycache_prefix, sys.dont_write_bytecode = None, True
            collecting_s = time.monotonic() - started
            round_ = parts.round(collecting_s)
            round_.shut_in_forks(*fds)
            server = Server(parts.root, suite, parts.tests, parts.watch, round_)
            serve(server, requests, replies, {"collecting_s": round(collecting_s, 3)})

        code = parts.framework.collect(parts.prepared, parts.plan, parts.root, begin)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _adopt_orphans() -> None:
    """
    What a fork leaves running becomes this process's child, to be found and ended.

    An interpreter built without ctypes does without; the sandbox ends all in the end.
    """
    if importlib.util.find_spec("_ctypes") is None:
        return
    ctypes = importlib.import_module("ctypes")
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _is_in(module: Any, root: str) -> bool:
    name = getattr(module, "__file__", None)
    return isinstance(name, str) and name.startswith(root + os.sep)
