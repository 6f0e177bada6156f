"""
Tables, JSON lines and progress, on a terminal and elsewhere.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from cab_tasks.cli import _output
from cab_tasks.cli._output import Progress, emit_json, table

if TYPE_CHECKING:
    import pytest

PROGRESS = """
from cab_tasks.cli._output import Progress
with Progress("trials", total=2, gains="tasks") as progress:
    progress.note("environment built")
    progress.start("a.py:1 cond.negate")
    progress.finish("a.py:1 cond.negate", gained=1)
"""


def on_terminal(code: str, **variables: str) -> str:
    """
    What a program writes on stderr and stdout when both are a terminal.
    """
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **variables}
    for name in ("NO_COLOR", "FORCE_COLOR"):
        if name not in variables:
            environment.pop(name, None)
    subprocess.run(
        [sys.executable, "-c", code], stdout=theirs, stderr=theirs, check=True, env=environment
    )
    os.close(theirs)
    written = b""
    try:
        while chunk := os.read(ours, 4096):
            written += chunk
    except OSError:  # Linux's way to say that the other end of a terminal is closed
        pass
    finally:
        os.close(ours)
    return written.decode()


def test_json_record_is_one_line_in_the_order_given(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({"b": "ä\n", "a": [1]})

    out = capsys.readouterr().out
    assert out == '{"b": "ä\\n", "a": [1]}\n'
    assert json.loads(out) == {"b": "ä\n", "a": [1]}


def test_plain_table_is_aligned_and_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300

    table(("name", "n"), [("a", 7), (long, 10)], title="Title", right="n")

    title, heading, first, second = capsys.readouterr().out.splitlines()
    assert title == "Title"
    assert heading == f"name{' ' * 296}   n"
    assert first == f"a{' ' * 299}   7"
    assert second == f"{long}  10"


def test_table_without_rows_is_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    table(("name", "n"), [])

    assert capsys.readouterr().out == "name  n\n"


def test_table_on_a_terminal_honours_no_color() -> None:
    code = "from cab_tasks.cli._output import table; table(('name', 'n'), [('[red]a', 7)])"

    coloured, plain = on_terminal(code), on_terminal(code, NO_COLOR="1")

    assert "[red]a" in coloured
    assert "[red]a" in plain
    # Colours are 30 to 37 and 90 to 97; bold is no colour.
    assert not re.search(r"\x1b\[[\d;]*[39]\d", plain)


def test_quiet_progress_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("trials", total=1, quiet=True) as progress:
        progress.note("a stage")
        progress.start("one")
        progress.finish("one")

    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_plain_progress_ends_with_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("trials", total=3, gains="tasks") as progress:
        for name in ("one", "two"):
            progress.start(name)
            progress.finish(name, gained=1)

    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "2 of 3 trials, 2 tasks, 0 s\n")


def test_progress_ends_without_naming_what_nobody_waits_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress("trials") as progress:
        progress.start("one")
        progress.start("two")
        progress.finish("one")

    assert capsys.readouterr().err == "1 trials, 0 s\n"


def test_plain_progress_keeps_to_its_interval(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(now)))
    monkeypatch.setattr(_output, "PLAIN_EVERY_S", 50.0)

    with Progress("trials") as progress:
        for number in range(100):
            progress.start(str(number))
            progress.finish(str(number))

    lines = capsys.readouterr().err.splitlines()
    assert 3 <= len(lines) <= 6
    assert lines[-1].startswith("100 trials, ")


def test_progress_names_two_of_what_is_running() -> None:
    progress = Progress("trials", total=9, quiet=True)

    for name in ("one", "two", "three"):
        progress.start(name)

    assert progress.state().endswith("; running: one, two and 1 more")


def test_progress_is_live_on_a_terminal() -> None:
    written = on_terminal(PROGRESS)

    assert "environment built" in written
    assert "1 of 2 trials, 1 tasks" in written
    assert "\x1b[" in written


def test_progress_goes_to_stderr_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRESS], capture_output=True, text=True, check=True
    )

    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == "environment built"
    assert "1 of 2 trials, 1 tasks" in done.stderr
