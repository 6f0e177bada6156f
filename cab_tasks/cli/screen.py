"""
`cab-tasks screen`: which tests notice which mutants, by the fast engine alone.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks.cli import _options as options  # noqa: TC001 - typer reads annotations
from cab_tasks.cli._output import Progress, emit, emit_json, tell
from cab_tasks.cli._work import (
    cache_folder,
    check_executor,
    chosen_mutators,
    cores,
    day_of,
    plain_warnings,
)
from cab_tasks.errors import ExitCode
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from cab_tasks.ground import Request
    from cab_tasks.model import Mutant
    from cab_tasks.trial import Trial

_SHOWN = 3  # failing tests on one line


def command(
    seed: Annotated[
        str,
        typer.Argument(
            metavar="SEED", help="A folder, a git URL (`@rev` at its end), or `template:NAME`."
        ),
    ],
    mutator: options.Mutators = None,
    mutator_path: options.MutatorPaths = None,
    language: options.Language = None,
    path: options.Globs = None,
    limit: Annotated[int, typer.Option(min=0, help="Draw a sample of so many; 0: all.")] = 0,
    seed_number: Annotated[int, typer.Option("--seed", help="Seed of the sample.")] = 0,
    first_flip: Annotated[
        bool, typer.Option("--first-flip", help="A quick look: stop at the first failing test.")
    ] = False,
    test_command: options.TestCommand = None,
    python: options.Python = None,
    as_of: options.AsOf = "",
    jobs: options.Jobs = 0,
    executor: options.Executor = "local",
    address: options.Address = "",
    allow_red: options.AllowRed = False,
    sandbox: Annotated[Policy, typer.Option(help="auto, required or off.")] = Policy.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """
    Tell which tests notice which mutants; make no tasks.

    Every site of the seed is tried by the fast engine: a warm process or one shared build. That
    is a mutation test of the seed's suite; what survives, no test notices.
    """
    from cab_tasks.ground import Request

    check_executor(executor, address)
    request = Request(
        seed=seed,
        out=Path(),
        cache=cache_folder(),
        mutators=chosen_mutators(mutator or (), mutator_path or (), language),
        language=language,
        test_command=test_command,
        python=python,
        as_of=day_of(as_of),
        paths=tuple(path or ()),
        seed_number=seed_number,
        allow_red=allow_red,
        jobs=jobs or cores(),
        policy=sandbox,
        executor=executor,
        address=address,
        at_once=jobs,
    )
    with plain_warnings():
        outcomes, lanes = _screen(request, limit, first_flip, as_json=as_json, quiet=quiet)
    if not as_json and outcomes:
        emit(", ".join(f"{number} {name}" for name, number in outcomes.most_common()))
        emit(", ".join(f"{number} {name or 'plain'}" for name, number in lanes.most_common()))
    elif as_json:
        emit_json({"type": "summary", "outcomes": dict(outcomes), "lanes": dict(lanes)})
    return ExitCode.CLEAN if outcomes else ExitCode.FINDINGS


def _screen(
    request: Request, limit: int, first_flip: bool, *, as_json: bool, quiet: bool
) -> tuple[Counter[str], Counter[str]]:
    from cab_tasks.screening import screen_all

    outcomes: Counter[str] = Counter()
    lanes: Counter[str] = Counter()
    with Progress("mutants", gains="noticed", quiet=quiet) as progress:
        stages = _Stages(progress)
        for mutant, trial in screen_all(request, stages, limit=limit, first_flip=first_flip):
            outcomes[trial.outcome.value] += 1
            lanes[trial.lane] += 1
            progress.start(mutant.fingerprint)
            progress.finish(mutant.fingerprint, gained=int(bool(trial.broken)))
            if as_json:
                emit_json(screened_record(mutant, trial))
            else:
                emit(_line(mutant, trial))
    return outcomes, lanes


class _Stages:
    """
    Shows what happens before the first mutant.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def stage(self, what: str) -> None:
        self._progress.note(f"{what} …")

    def warning(self, text: str) -> None:
        tell(f"warning: {text}")


def screened_record(mutant: Mutant, trial: Trial) -> dict[str, object]:
    """
    One mutant as a JSON record; `failing_tests` maps each test to how it ended.
    """
    return {
        "type": "screened",
        "outcome": trial.outcome.value,
        "lane": trial.lane or "plain",
        "mutator": mutant.mutator,
        "path": mutant.path,
        "line": mutant.line,
        "column": mutant.column,
        "symbol": mutant.symbol,
        "edits": [
            {"start": e.start, "old": e.old.decode("utf-8", "replace"),
             "new": e.new.decode("utf-8", "replace")} for e in mutant.edits
        ],
        "failing_tests": dict(sorted(trial.broken.items())),
        "detail": trial.detail,
        "seconds": round(trial.seconds, 4),
    }  # fmt: skip


def _line(mutant: Mutant, trial: Trial) -> str:
    tests = sorted(trial.broken)
    more = f" and {len(tests) - _SHOWN} more" if len(tests) > _SHOWN else ""
    noticed = f": {', '.join(tests[:_SHOWN])}{more}" if tests else ""
    place = f"{mutant.path}:{mutant.line}:{mutant.column}"
    return f"{place}: {mutant.mutator}: {trial.outcome.value}{noticed}"
