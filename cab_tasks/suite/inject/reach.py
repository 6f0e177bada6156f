"""
Which lines of the tree's product code run, test by test.

Of test files nothing is kept. `sys.monitoring` from Python 3.12, `sys.settrace` before.
"""

from __future__ import annotations

import dis
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from .failures import matches, relative

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

_monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12
_TOOL = 4  # 0 to 2 and 5 are meant for debuggers, coverage, profilers and optimisers


class Tracer:
    def __init__(self, root: str, globs: list[str]) -> None:
        self._root = root + os.sep
        self._globs = globs
        self._paths: dict[str, str] = {}
        self._lines: dict[str, set[int]] = {}  # of the running test, by file name
        self._left: dict[CodeType, set[int]] = {}  # lines not yet seen in the running test

    def start(self) -> None:
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
        self._lines = {}
        self._left = {}
        if _monitoring:
            _monitoring.restart_events()
        elif sys.gettrace() is None:
            self.start()  # a test put its own tracer in the place of ours
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
            self._lines.setdefault(code.co_filename, set()).add(line)
        return _monitoring.DISABLE

    def _call(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        if not self._path(code.co_filename):
            return None
        left = self._left.get(code)
        if left is None:
            left = {line for _, line in dis.findlinestarts(code) if line is not None}
            self._left[code] = left
        if not left:
            return None
        seen = self._lines.setdefault(code.co_filename, set())

        def line_runs(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
            if event == "line":
                seen.add(frame.f_lineno)
                left.discard(frame.f_lineno)
            return line_runs

        return line_runs


def _start_monitoring(callback: Callable[[CodeType, int], Any]) -> None:
    _monitoring.use_tool_id(_TOOL, "cab")
    _monitoring.register_callback(_TOOL, _monitoring.events.LINE, callback)
    _monitoring.set_events(_TOOL, _monitoring.events.LINE)
