"""
What commands print: JSON lines, tables and progress; rich on a terminal, plain lines elsewhere.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, Self, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from rich.console import Console
    from rich.progress import Progress as RichProgress

PLAIN_EVERY_S = 2.0  # a log of a long run stays readable: at most 30 lines a minute
SHOWN_RUNNING = 2  # names that fit beside the bar in 100 columns


def emit_json(record: Mapping[str, Any]) -> None:
    """
    One record, one line, on stdout; keys in the order given.
    """
    sys.stdout.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def emit(text: str = "") -> None:
    """
    One line of plain text on stdout.
    """
    sys.stdout.write(text + "\n")


def tell(text: str) -> None:
    """
    One line for the person at the screen, on stderr: warnings and what happens next.
    """
    sys.stderr.write(text + "\n")


def console(stream: TextIO | None = None) -> Console:
    """
    A rich console on a stream (stdout unless told); honours NO_COLOR and FORCE_COLOR.
    """
    from rich.console import Console

    return Console(file=stream or sys.stdout, highlight=False, soft_wrap=True)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", right: str = ""
) -> None:
    """
    A table on stdout; `right` holds the headings (split by blanks) of columns set flush right.

    Elsewhere than on a terminal: aligned plain text, nothing cut off.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    flush_right = [heading in right.split() for heading in headings]
    if sys.stdout.isatty():
        _rich_table(headings, cells, title, flush_right)
        return
    if title:
        emit(title)
    for line in _aligned([list(headings), *cells], flush_right):
        emit(line)


def markdown(text: str) -> None:
    """
    A Markdown page on stdout: rendered on a terminal, as it is elsewhere.
    """
    if not sys.stdout.isatty():
        emit(text.rstrip())
        return
    from rich.markdown import Markdown

    console().print(Markdown(text), soft_wrap=False)


class Progress:
    """
    Progress of work in many pieces: what is running, done, left, and the yield so far.

    On stderr: one live line on a terminal, else a plain line every two seconds and at the end;
    nothing when quiet.

        with Progress("trials", total=40, gains="tasks", quiet=quiet) as progress:
            progress.start("src/a.py:12 cond.negate")
            progress.finish("src/a.py:12 cond.negate", gained=1)
    """

    def __init__(
        self, unit: str, *, total: int | None = None, gains: str = "", quiet: bool = False
    ) -> None:
        self.unit, self.total, self.gains, self.quiet = unit, total, gains, quiet
        self.done = self.gained = 0
        self._running: dict[str, None] = {}
        self._said_at = self._began = time.monotonic()
        self._said = ""
        self._live: RichProgress | None = None

    def __enter__(self) -> Self:
        if not self.quiet and sys.stderr.isatty():
            self._live = _live_line()
            self._live.start()
            self._live.add_task(self.unit, total=self.total, state="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.clear()  # what nobody waits for any more
        if self._live is not None:
            self._live.stop()
        elif not self.quiet and self.done:
            self._say(self.state())

    def start(self, piece: str) -> None:
        self._running[piece] = None
        self._show()

    def finish(self, piece: str, *, gained: int = 0) -> None:
        self._running.pop(piece, None)
        self.done += 1
        self.gained += gained
        self._show()

    def expect(self, total: int) -> None:
        """The number of pieces, once it is known or has changed."""
        self.total = total
        self._show()

    def note(self, text: str) -> None:
        """A line that stays: a warning, a stage that ended."""
        if self._live is not None:
            self._live.console.print(text, markup=False, highlight=False)
        elif not self.quiet:
            tell(text)

    def state(self) -> str:
        """
        `12 of 40 trials, 9 tasks, 31 s; running: …`.
        """
        of = "" if self.total is None else f" of {self.total}"
        gained = f", {self.gained} {self.gains}" if self.gains else ""
        seconds = time.monotonic() - self._began
        return f"{self.done}{of} {self.unit}{gained}, {seconds:.0f} s{self._running_text()}"

    def _running_text(self) -> str:
        names = list(self._running)
        if not names:
            return ""
        more = f" and {len(names) - SHOWN_RUNNING} more" if len(names) > SHOWN_RUNNING else ""
        return f"; running: {', '.join(names[:SHOWN_RUNNING])}{more}"

    def _show(self) -> None:
        if self._live is not None:
            task = self._live.task_ids[0]
            self._live.update(task, completed=self.done, total=self.total, state=self.state())
        elif not self.quiet and time.monotonic() - self._said_at >= PLAIN_EVERY_S:
            self._say(self.state())

    def _say(self, text: str) -> None:
        self._said_at = time.monotonic()
        if text != self._said:
            self._said = text
            tell(text)


def _live_line() -> RichProgress:
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as RichProgress

    columns = (SpinnerColumn(), BarColumn(bar_width=20), TextColumn("{task.fields[state]}"))
    return RichProgress(*columns, console=console(sys.stderr), transient=True)


def _rich_table(
    headings: Sequence[str], cells: list[list[str]], title: str, flush_right: list[bool]
) -> None:
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for heading, right in zip(headings, flush_right, strict=True):
        grid.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in cells:
        grid.add_row(*(Text(cell) for cell in row))
    console().print(grid, soft_wrap=False)


def _aligned(lines: list[list[str]], flush_right: list[bool]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, flush_right, strict=True)
        ).rstrip()
        for line in lines
    ]
