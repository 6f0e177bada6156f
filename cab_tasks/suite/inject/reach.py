"""
Which lines of the tree's product code run, test by test.

Of test files nothing is kept. `sys.monitoring` from Python 3.12, `sys.settrace` before.
"""

from __future__ import annotations

import bisect
import dis
import importlib
import mmap
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from .failures import matches, relative

# ruff: noqa: PTH118, PTH123
# pathlib may be what the seed tests or replaces.

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

STARTS = frozenset(("os.exec", "os.posix_spawn", "os.system", "subprocess.Popen"))
FORKS = frozenset(("os.fork", "os.forkpty"))

_monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12
_REPEATS = 2_000  # lines seen again, of one code in one test, before watching it costs too much
_FOREIGN_MAX = 20_000  # codes; tests may make ever new ones
_TOOL = 4  # 0 to 2 and 5 are meant for debuggers, coverage, profilers and optimisers


class _Forks:
    """
    Lines that run in forks of the traced process, in memory which all of them share.

    Byte 0 says that one of them has started a program; then each file has a byte a line.
    """

    def __init__(self, root: str) -> None:
        self._pid = os.getpid()
        self._root = root
        self._starts: dict[str, int] = {}
        self._shared: mmap.mmap | None = None

    def begin(self) -> None:
        """
        There will be a fork.
        """
        if self._shared is None:
            end = 1
            for name in _python_files(self._root):
                self._starts[name] = end
                with open(name, "rb") as handle:
                    end += handle.read().count(b"\n") + 3
            self._shared = mmap.mmap(-1, end)

    def adopt(self) -> None:
        """
        Forks of this process are told apart from it; it has memory of its own for them.
        """
        self._pid = os.getpid()
        self._shared = None

    def note(self, filename: str, line: int) -> None:
        if self._shared is not None and filename in self._starts and os.getpid() != self._pid:
            at = self._starts[filename] + line
            if at < len(self._shared):
                self._shared[at] = 1

    def note_spawn(self) -> None:
        if self._shared is not None:
            self._shared[0] = 1

    def spawn(self) -> bool:
        """
        Whether some fork has started a program since the last call.
        """
        if self._shared is None or not self._shared[0]:
            return False
        self._shared[0] = 0
        return True

    def take(self) -> dict[str, list[int]]:
        """
        What ran in forks since the last call: path from the root → lines.
        """
        found: dict[str, list[int]] = {}
        if self._shared is None:
            return found
        names = sorted(self._starts, key=self._starts.__getitem__)
        starts = [self._starts[name] for name in names]
        at = self._shared.find(b"\1", 1)
        while at > 0:
            name = names[bisect.bisect(starts, at) - 1]
            found.setdefault(relative(name, self._root), []).append(at - self._starts[name])
            self._shared[at] = 0
            at = self._shared.find(b"\1", at)
        return found


def _python_files(root: str) -> Iterator[str]:
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(".py"):
                yield os.path.join(folder, name)


class Tracer:
    def __init__(self, root: str, globs: list[str]) -> None:
        self._root = root + os.sep
        self._globs = globs
        self._paths: dict[str, str] = {}
        self._lines: dict[str, set[int]] = {}  # of the running test, by file name
        self._traced: dict[int, _Traced] = {}  # of the running test, by the id of the code
        self._foreign: dict[int, CodeType] = {}  # that is not of the tree's product
        self._starts: dict[int, tuple[CodeType, frozenset[int]]] = {}  # lines of the product's code
        self._spawns = False
        self._forks = _Forks(root)

    def start(self) -> None:
        """
        Trace from now on, and hear of programs that are started.
        """
        sys.addaudithook(self._hear)
        _tell_forks(self._hear)
        self._trace()

    def leave_out(self, module: Any, name: str) -> None:
        """
        A function that runs nothing of the tree, and much of its own, is not watched.
        """
        function = getattr(module, name, None)
        if _monitoring or function is None:
            return

        def unwatched(*arguments: Any, **more: Any) -> Any:
            sys.settrace(None)
            try:
                return function(*arguments, **more)
            finally:
                sys.settrace(self._call)

        setattr(module, name, unwatched)

    def adopt(self) -> None:
        """
        Take a fork of the traced process for the traced process.
        """
        self._forks.adopt()

    def spawns(self) -> bool:
        """
        Whether a program was started since the last call.
        """
        spawns, self._spawns = self._spawns or self._forks.spawn(), False
        return spawns

    def _hear(self, event: str, _: object) -> None:
        if event in FORKS:
            self._forks.begin()
        elif event in STARTS:
            self._spawns = True
            self._forks.note_spawn()

    def _trace(self) -> None:
        if _monitoring:
            _start_monitoring(self._monitor)
        else:
            threading.settrace(self._call)
            sys.settrace(self._call)

    def take(self) -> dict[str, list[int]]:
        """
        What ran since the last call: path from the root → sorted lines.
        """
        found = {self._paths[name]: sorted(lines) for name, lines in self._lines.items()}
        for path, lines in self._forks.take().items():
            if not matches(path, self._globs):
                found[path] = sorted({*found.get(path, ()), *lines})
        self._lines = {}
        self._traced = {}
        if _monitoring:
            _monitoring.restart_events()
        elif sys.gettrace() is None:
            self._trace()  # a test put its own tracer in the place of ours
        return found

    def _path(self, filename: str) -> str:
        """
        From the root; empty for a file that is not traced.
        """
        if filename not in self._paths:
            path = relative(filename, self._root[:-1])
            self._paths[filename] = "" if matches(path, self._globs) else path
        return self._paths[filename]

    def _monitor(self, code: CodeType, line: int) -> Any:
        if self._path(code.co_filename):
            self.note(code.co_filename, line)
        return _monitoring.DISABLE

    def _call(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        key = id(code)  # a code's own hash is made of all its parts, each time
        if key in self._foreign:
            return None
        traced = self._traced.get(key)
        if traced is None:
            if not self._path(code.co_filename):
                if len(self._foreign) > _FOREIGN_MAX:
                    self._foreign.clear()
                self._foreign[key] = code  # kept, so that no other code gets its id
                return None
            traced = self._traced[key] = _Traced(code, self._lines_of(key, code), self)
        if not traced.left:
            return None
        frame.f_trace_lines = True
        return traced.line

    def _lines_of(self, key: int, code: CodeType) -> set[int]:
        """
        The lines of a code, looked up once: thousands of tests run the same.
        """
        if key not in self._starts:
            if len(self._starts) > _FOREIGN_MAX:
                self._starts.clear()
            found = frozenset(line for _, line in dis.findlinestarts(code) if line is not None)
            self._starts[key] = (code, found)
        return set(self._starts[key][1])

    def note(self, filename: str, line: int) -> None:
        """
        A line has run.
        """
        self._lines.setdefault(filename, set()).add(line)
        self._forks.note(filename, line)


class _Traced:
    """
    One code in one test; `left` are its lines that were not yet seen.
    """

    __slots__ = ("_code", "_repeats", "_tracer", "left")

    def __init__(self, code: CodeType, left: set[int], tracer: Tracer) -> None:
        self.left = left
        self._code = code  # kept, so that no other code gets its id
        self._tracer = tracer
        self._repeats = 0

    def line(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        if event == "line":
            line = frame.f_lineno
            if line in self.left:
                self.left.discard(line)
                self._tracer.note(self._code.co_filename, line)
            else:
                self._repeats += 1
                if self._repeats > _REPEATS:
                    self._take_all()
            if not self.left:
                frame.f_trace_lines = False
        return self.line

    def _take_all(self) -> None:
        """
        A loop that runs on and on is not watched any more: its other lines count as executed.
        """
        for line in self.left:
            self._tracer.note(self._code.co_filename, line)
        self.left.clear()


def _tell_forks(hear: Callable[[str, object], None]) -> None:
    """
    Let those be heard of too that multiprocessing starts past all audits.
    """
    native: Any = importlib.import_module("_posixsubprocess")
    start = native.fork_exec

    def fork_exec(*arguments: Any) -> Any:
        hear("subprocess.Popen", ())
        return start(*arguments)

    native.fork_exec = fork_exec


def _start_monitoring(callback: Callable[[CodeType, int], Any]) -> None:
    _monitoring.use_tool_id(_TOOL, "cab")
    _monitoring.register_callback(_TOOL, _monitoring.events.LINE, callback)
    _monitoring.set_events(_TOOL, _monitoring.events.LINE)
