"""
The first process of a session: takes requests, has imported no file of the tree, and forks the
server and, for what that cannot do, whole runs, or another process that makes these.
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
from .screen_map import TestMap
from .screen_round import Round
from .screen_whole import Whole
from .screen_wire import answer_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .channel import Channel
    from .screen_whole import Run
    from .screen_wire import Wire

REQUESTS_FD = 6
_UNCHANGED = {"has_changed_tree": False, "has_changed_others": False}
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
    private = [FD, REQUESTS_FD]
    parts = _Parts(framework, framework.prepare(plan), plan, root, tests, Watch(root), private)
    server = _Process("server", _serve_collected, parts)
    ready = server.hear()
    channel.send(ready.pop("kind"), **ready)
    front = _Front(parts, server, ready.get("collecting_s", 0.0))
    with os.fdopen(REQUESTS_FD, "rb") as requests:
        for line in requests:
            channel.send("screened", **front.answer(json.loads(line)))
    return 0


class _Parts(NamedTuple):
    """
    What all of these processes work with; `prepared` is the framework, before any collection, and
    `private` are descriptors that no tested code may have.
    """

    framework: Any
    prepared: Any
    plan: dict[str, Any]
    root: str
    tests: TestMap
    watch: Watch
    private: list[int]

    def round(self, collecting_s: float) -> Round:
        made = Round(self.tests.durations_s, collecting_s, self.plan["screen"]["memory_bytes"])
        made.shut_in_forks(*self.private)
        return made

    def run_whole(self, tests: Sequence[str], wire: Wire) -> object:
        plan = {**self.plan, "select": list(tests)}
        return self.framework.run_whole(self.prepared, plan, self.root, wire)


class _Process:
    """
    A fork of the front that answers its requests; `serve` never returns.
    """

    def __init__(self, what: str, serve: Callable[[_Parts, Any, Any], None], parts: _Parts) -> None:
        self._what = what
        their_requests, our_requests = os.pipe()
        our_replies, their_replies = os.pipe()
        parts.private.extend((our_requests, our_replies))
        if not os.fork():
            for fd in parts.private:
                os.close(fd)
            parts.private[:] = their_requests, their_replies
            _be(serve, parts)
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
            SystemExit: it is dead.
        """
        line = self._replies.readline()
        if not line:
            sys.exit(f"the {self._what} of the screen has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


class _Front:
    """
    Answers requests: by the server, or by a whole run where that cannot tell.
    """

    def __init__(self, parts: _Parts, server: _Process, collecting_s: float) -> None:
        self._parts = parts
        self._server = server
        self._collecting_s = collecting_s
        self._is_early = not _loaded(parts.root)
        self._whole: Whole | None = None
        self._configured: _Process | None = None
        self._loaded: frozenset[str] = frozenset()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._server.ask(request)
        if answer["lane"] != "slow" or not answer["tests"]:
            return answer
        if not self._is_early:
            return {**answer, "lane": "plain", **self._restore(answer, _UNCHANGED)}
        ask = self._asked(answer["edited"])
        reaching = [] if request["only"] else answer["reaching"]
        more = {key: request[key] for key in ("describe", "first_flip")}
        whole = ask({"kind": "run", "tests": answer["tests"], "reaching": reaching, **more})
        if not whole["knows"]:
            self._restore(answer, _UNCHANGED)
            for changed in ask({"kind": "learn"})["changed"]:
                self._restore({"edited": ""}, changed)
            return self.answer(request)
        return {**answer, **whole["told"], **self._restore(answer, whole["changed"][0])}

    def _asked(self, edited: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """
        Who is asked for a whole run: pytest that has read its configuration, if that has loaded
        nothing of what is edited, saves each fork from doing so.
        """
        if self._whole is None:
            self._whole = self._start()
        is_loaded = os.path.join(self._parts.root, edited) in self._loaded  # noqa: PTH118
        if self._configured is None or is_loaded:
            return self._whole.answer
        return self._configured.ask

    def _start(self) -> Whole:
        parts = self._parts
        if hasattr(parts.framework, "configure"):
            self._configured = _Process("configured runner", _serve_configured, parts)
            told = self._configured.ask({"collecting_s": self._collecting_s})
            self._loaded = frozenset(told["loaded"])
        round_ = parts.round(self._collecting_s)
        return Whole(parts.root, parts.tests, parts.watch, round_, parts.run_whole)

    def _restore(self, answer: dict[str, Any], changed: dict[str, bool]) -> dict[str, Any]:
        return self._server.ask({"kind": "restore", "edited": answer["edited"], **changed})


def _be(serve: Callable[[_Parts, Any, Any], None], parts: _Parts) -> None:
    """
    Never returns.
    """
    code = 70
    try:
        _adopt_orphans()
        requests, replies = parts.private
        serve(parts, os.fdopen(requests, "rb"), os.fdopen(replies, "wb"))
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _serve_collected(parts: _Parts, requests: Any, replies: Any) -> None:
    sys.dont_write_bytecode = False  # for whole runs to read
    started = time.monotonic()

    def begin(suite: Any) -> None:
        from .screen_server import Server  # it reads what is loaded by now

        sys.pycache_prefix, sys.dont_write_bytecode = None, True
        collecting_s = time.monotonic() - started
        server = Server(parts.root, suite, parts.tests, parts.watch, parts.round(collecting_s))
        ready = {"kind": "ready", "missing": server.missing()}
        told = {**ready, "collecting_s": round(collecting_s, 3)}
        answer_all(server.answer, requests, replies, told)

    parts.framework.collect(parts.prepared, parts.plan, parts.root, begin)


def _serve_configured(parts: _Parts, requests: Any, replies: Any) -> None:
    def begin(run: Run) -> None:
        collecting_s = json.loads(requests.readline())["collecting_s"]
        whole = Whole(parts.root, parts.tests, parts.watch, parts.round(collecting_s), run)
        answer_all(whole.answer, requests, replies, {"loaded": _loaded(parts.root)})

    parts.framework.configure(parts.prepared, parts.plan, parts.root, begin)


def _adopt_orphans() -> None:
    """
    What a fork leaves running becomes this process's child, to be found and ended.

    An interpreter built without ctypes does without; the sandbox ends all in the end.
    """
    if importlib.util.find_spec("_ctypes") is None:
        return
    ctypes = importlib.import_module("ctypes")
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _loaded(root: str) -> list[str]:
    """
    Files of the tree that this process has imported.
    """
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return sorted(
        {name for name in files if isinstance(name, str) and name.startswith(root + os.sep)}
    )
