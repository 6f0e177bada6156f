"""
The way out for results: one JSON object a line, on the sandbox's pipe.
"""

from __future__ import annotations

import json
import os
from typing import Any

FD = 3

# Tests replace functions of modules and forget to put them back.
_dumps = json.dumps
_write = os.write
_getpid = os.getpid


class Channel:
    def __init__(self, fd: int = FD) -> None:
        os.set_inheritable(fd, False)
        self._fd = fd
        self._pid = _getpid()

    def send(self, kind: str, **fields: Any) -> None:
        """
        Say one thing; a forked child says nothing.
        """
        if _getpid() != self._pid:
            return
        data = memoryview((_dumps({"kind": kind, **fields}) + "\n").encode("ascii"))
        while data:
            data = data[_write(self._fd, data) :]


class Silence(Channel):
    """
    Where there is nobody to tell yet.
    """

    def __init__(self) -> None:
        """
        No descriptor at all.
        """

    def send(self, kind: str, **fields: Any) -> None:
        """
        To nobody.
        """
