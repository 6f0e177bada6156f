"""
`cab-tasks attack`: every attack that we know, on a task's own verifier.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks.cli._output import Progress, emit, emit_json, table
from cab_tasks.cli._work import cache_folder, cores, plain_warnings
from cab_tasks.errors import ExitCode, UsageError
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.attack.siege import Bout

_SHOWN = 90  # letters of a finding in the table; `--json` has all


def command(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH…", help="Bundles, or folders of.")
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Attacks by id, such as `git.*`; may be repeated."),
    ] = None,
    naive: Annotated[
        bool, typer.Option("--naive", help="Try each on a naive verifier, too.")
    ] = False,
    is_list: Annotated[bool, typer.Option("--list", help="List the attacks; run none.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Workers; 0: all cores.")] = 0,
    sandbox: Annotated[Policy, typer.Option(help="auto, required or off.")] = Policy.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """
    Turn every attack that fits on a task's own verifier, and tell who won.

    Honest but odd attempts, which must pass, are among them. The naive verifier copies the
    hidden tests over the agent's tree and believes the exit code.

    Exit code 1 when an attack won or an honest attempt failed, 4 when some were inconclusive.
    """
    from cab_tasks.attack.groups import attacks
    from cab_tasks.attack.siege import Ending, besiege
    from cab_tasks.bundle import find_bundles

    chosen = attacks(select or ())
    if is_list:
        table(("attack", "for", "title"), [(one.id, one.fits(), one.title) for one in chosen])
        return ExitCode.CLEAN
    if not paths:
        raise UsageError("no bundle is named; `--list` needs none")
    roots = tuple(find_bundles(paths))
    total = len(roots) * len(chosen)
    against = (Ending.WON, Ending.HURT)

    def told(one: Bout) -> None:
        progress.finish(one.attack, gained=int(one.ending in against))
        if as_json:
            emit_json({"type": "bout", **asdict(one)})

    with (
        plain_warnings(),
        Progress("attacks", total=total, gains="won", quiet=quiet or as_json) as progress,
    ):
        bouts = besiege(
            roots,
            select or (),
            cache_folder(),
            policy=sandbox,
            with_naive=naive,
            jobs=jobs or cores(),
            finished=told,
        )
    if not as_json:
        _print(bouts, with_naive=naive)
    if any(bout.ending in against for bout in bouts):
        return ExitCode.FINDINGS
    is_open = any(bout.ending is Ending.INCONCLUSIVE for bout in bouts)
    return ExitCode.TIMEOUT if is_open else ExitCode.CLEAN


def _print(bouts: Sequence[Bout], *, with_naive: bool) -> None:
    fought = [bout for bout in bouts if bout.ending != "skipped"]
    several = len({bout.task_id for bout in bouts}) > 1
    heading = ("attack", *(("task",) if several else ("language",)), "verdict", "ending")
    rows = []
    for bout in fought:
        where = bout.task_id if several else bout.language
        naive = (_naive(bout),) if with_naive else ()
        rows.append((bout.attack, where, bout.verdict or "-", bout.ending, *naive, _why(bout)))
    table((*heading, *(("naive",) if with_naive else ()), "finding"), rows)
    emit()
    emit(summary(bouts))


def _naive(bout: Bout) -> str:
    words = {None: "-", True: "passes", False: "fails"}
    return words[bout.naive_passes]


def _why(bout: Bout) -> str:
    text = " ".join((bout.findings[0] if bout.findings else bout.detail).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def summary(bouts: Sequence[Bout]) -> str:
    """
    One line: how many of which kind, and who won.
    """
    ending = [bout.ending.value for bout in bouts]
    cheats = [bout for bout in bouts if bout.kind != "honest" and bout.ending != "skipped"]
    honest = [bout for bout in bouts if bout.kind == "honest" and bout.ending != "skipped"]
    parts = [f"{len(cheats)} attacks, {ending.count('WON')} won"]
    if any(bout.naive_passes is not None for bout in cheats):
        parts.append(f"{sum(bout.naive_passes is True for bout in cheats)} beat the naive verifier")
    parts.append(f"{len(honest)} honest attempts, {ending.count('HURT')} did not pass")
    parts.append(f"{ending.count('skipped')} skipped")
    if ending.count("inconclusive"):
        parts.append(f"{ending.count('inconclusive')} inconclusive")
    return "; ".join(parts)
