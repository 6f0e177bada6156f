"""
What a user sees of an error: one line on stderr, a hint, an exit code; never a traceback.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cab_tasks.errors import CabError, ExitCode

if TYPE_CHECKING:
    from types import TracebackType

BUG_HINT = "run it again with CAB_TASKS_DEBUG=1 for the traceback, and please report both"


class ErrorReport:
    """
    A `with` block in which an error becomes a message and `SystemExit` with its code.

    Notes on the error (`error.add_note`) are printed as hints. With `debug`, an error passes
    through, traceback and all.
    """

    def __init__(self) -> None:
        self.debug = False

    def __enter__(self) -> ErrorReport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Not `Exception`: SystemExit and KeyboardInterrupt end the process in their own way.
        if not isinstance(error, Exception):
            return
        if self.debug:
            sys.excepthook(type(error), error, trace)
        else:
            sys.stderr.write(message_of(error))
        raise SystemExit(int(exit_code_of(error))) from None


def exit_code_of(error: Exception) -> ExitCode:
    """
    An error of ours knows its code; any other is our bug.
    """
    return error.exit_code if isinstance(error, CabError) else ExitCode.BUG


def message_of(error: Exception) -> str:
    """
    `cab-tasks: error: …` and a line for each hint.
    """
    hints = list(getattr(error, "__notes__", ()))
    if isinstance(error, CabError):
        text = str(error)
    else:
        text = f"this is our bug: {type(error).__name__}: {error}"
        hints.append(BUG_HINT)
    lines = [f"cab-tasks: error: {_one_line(text)}", *(f"  hint: {hint}" for hint in hints)]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
