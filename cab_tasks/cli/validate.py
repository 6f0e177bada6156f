"""
`cab-tasks validate`: the proof of tasks, run again.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks.cli._output import Progress, emit, emit_json, table
from cab_tasks.cli._work import cache_folder, cores, plain_warnings
from cab_tasks.errors import ExitCode
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.validate import Validation


def command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Bundles, or folders of.")],
    repeat: Annotated[
        int, typer.Option(min=1, help="Runs of each tree: plain, then shuffled, other zone.")
    ] = 3,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Workers; 0: all cores.")] = 0,
    junit: Annotated[Path | None, typer.Option(help="Also write a JUnit XML report.")] = None,
    sandbox: Annotated[Policy, typer.Option(help="auto, required or off.")] = Policy.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """
    Run the proof of tasks again: fail before, pass after, nothing leaks.

    Exit code 1 when a task is invalid, 4 when a verdict is inconclusive and none is invalid.
    """
    from cab_tasks.bundle import find_bundles
    from cab_tasks.proofs import validate_all

    roots = tuple(find_bundles(paths))
    workers = jobs or cores()
    made: list[Validation] = []
    with (
        plain_warnings(),
        Progress("tasks", total=len(roots), gains="valid", quiet=quiet) as progress,
    ):
        for validation in validate_all(
            roots,
            cache_folder(),
            repeat=repeat,
            jobs=workers,
            policy=sandbox,
            finished=lambda one: progress.finish(one.path, gained=int(one.verdict == "valid")),
        ):
            made.append(validation)
            if as_json:
                emit_json({"type": "validation", **asdict(validation)})
    if junit is not None:
        junit.write_bytes(junit_report(made))
    if not as_json:
        _print(made)
    return _exit_code(made)


def _print(made: Sequence[Validation]) -> None:
    rows = [
        (one.task_id or one.path, one.verdict, one.failing, one.runs, f"{one.seconds:.1f}")
        for one in made
    ]
    table(("task", "verdict", "failing", "runs", "seconds"), rows, right="failing runs seconds")
    for one in made:
        for reason in one.reasons:
            emit(f"{one.path}: {one.verdict}: {reason}")
        for note in one.notes:
            emit(f"{one.path}: note: {note}")
    valid = sum(one.verdict == "valid" for one in made)
    emit(f"\n{valid} of {len(made)} tasks valid")


def _exit_code(made: Sequence[Validation]) -> ExitCode:
    verdicts = {one.verdict for one in made}
    if "invalid" in verdicts:
        return ExitCode.FINDINGS
    return ExitCode.TIMEOUT if "inconclusive" in verdicts else ExitCode.CLEAN


def junit_report(made: Sequence[Validation]) -> bytes:
    """
    JUnit XML: a test case a task; invalid is a failure, inconclusive an error.
    """
    from xml.etree import ElementTree as Xml

    verdicts = [one.verdict for one in made]
    suite = Xml.Element(
        "testsuite",
        name="cab-tasks validate",
        tests=str(len(made)),
        failures=str(verdicts.count("invalid")),
        errors=str(verdicts.count("inconclusive")),
        time=f"{sum(one.seconds for one in made):.2f}",
    )
    for one in made:
        family, _, name = (one.task_id or one.path).rpartition("/")
        case = Xml.SubElement(
            suite, "testcase", classname=family, name=name, time=f"{one.seconds:.2f}"
        )
        if one.verdict != "valid":
            tag = "failure" if one.verdict == "invalid" else "error"
            child = Xml.SubElement(case, tag, message=one.reasons[0] if one.reasons else "")
            child.text = "\n".join(one.reasons)
    return bytes(Xml.tostring(suite, encoding="utf-8", xml_declaration=True)) + b"\n"
