"""
`cab-tasks generate`: tasks out of a repository with a green test suite.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks.cli import _options as options  # noqa: TC001 - typer reads annotations
from cab_tasks.cli._output import Progress, emit, emit_json, table, tell
from cab_tasks.cli._work import (
    cache_folder,
    check_executor,
    chosen_mutators,
    cores,
    day_of,
    one_of,
    plain_warnings,
)
from cab_tasks.errors import ExitCode, UsageError
from cab_tasks.model import Outcome
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cab_tasks.ground import Request
    from cab_tasks.model import Mutant
    from cab_tasks.pipeline import Report, Tried

RECIPE = "recipe:"


def command(
    seed: Annotated[
        str,
        typer.Argument(
            metavar="SEED",
            help="A folder, a git URL (`@rev` at its end), `template:NAME`, or `recipe:TASK_ID`.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where tasks are written.")] = Path("tasks"),
    count: Annotated[int, typer.Option(min=1, help="How many tasks to make.")] = 10,
    mutator: options.Mutators = None,
    mutator_path: options.MutatorPaths = None,
    language: options.Language = None,
    path: options.Globs = None,
    seed_number: Annotated[int, typer.Option("--seed", help="Seed of the sampling.")] = 0,
    tests: Annotated[
        str, typer.Option(help="What the agent sees of the failing tests: hidden or visible.")
    ] = "hidden",
    prompt_level: Annotated[
        str, typer.Option(help="symptoms, or published (names the bug's kind).")
    ] = "symptoms",
    test_command: options.TestCommand = None,
    python: options.Python = None,
    as_of: options.AsOf = "",
    date: Annotated[
        str | None, typer.Option(help="task_added_date; else SOURCE_DATE_EPOCH or the commit's.")
    ] = None,
    jobs: options.Jobs = 0,
    executor: options.Executor = "local",
    address: options.Address = "",
    max_share: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=1.0, help="Largest share of one mutator; 0.2, or 1 with --mutator."
        ),
    ] = None,
    max_broken: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Refuse a bug that fails more of the suite.")
    ] = 0.5,
    max_size: Annotated[int, typer.Option(min=1, help="Largest seed, in MiB.")] = 512,
    dirty: Annotated[bool, typer.Option("--dirty", help="Take uncommitted files along.")] = False,
    allow_red: options.AllowRed = False,
    allow_hangs: Annotated[
        bool, typer.Option("--allow-hangs", help="Make tasks of bugs that hang, too.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an ended or killed run was.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace other bundles that stand in the way.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the sites; run nothing.")
    ] = False,
    sandbox: Annotated[Policy, typer.Option(help="auto, required or off.")] = Policy.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """
    Make tasks out of a repository with a green test suite.

    Each task is a folder below OUT: the broken repository, a prompt, hidden tests, the reference
    fix, and the proof that it fails before the fix and passes after.
    """
    from cab_tasks.ground import Request

    _check_out(out)
    one_of("--tests", tests, ("hidden", "visible"))
    one_of("--prompt-level", prompt_level, ("symptoms", "published"))
    check_executor(executor, address)
    request = Request(
        seed=seed,
        out=out,
        cache=cache_folder(),
        mutators=chosen_mutators(mutator or (), mutator_path or (), language),
        language=language,
        test_command=test_command,
        python=python,
        as_of=day_of(as_of),
        dirty=dirty,
        max_size=max_size << 20,
        count=count,
        paths=tuple(path or ()),
        seed_number=seed_number,
        visible=tests == "visible",
        prompt_level=prompt_level,
        date=_date(date),
        max_share=max_share or (1.0 if mutator else 0.2),
        common_share=1.0 if mutator else 0.5,
        max_broken=max_broken,
        allow_hangs=allow_hangs,
        allow_red=allow_red,
        jobs=jobs or cores(),
        resume=resume,
        force=force,
        policy=sandbox,
        executor=executor,
        address=address,
        at_once=jobs,
    )
    with plain_warnings():
        if dry_run:
            return _list_sites(request, as_json=as_json)
        report = _generate(request, as_json=as_json, quiet=quiet)
    if as_json:
        emit_json(summary_record(report))
    else:
        print_report(report, out)
    return ExitCode.CLEAN if report.tasks else ExitCode.FINDINGS


def _generate(request: Request, *, as_json: bool, quiet: bool) -> Report:
    from cab_tasks.pipeline import generate, generate_recipe
    from cab_tasks.recipe import recipes

    with Progress("trials", gains=f"of {request.count} tasks", quiet=quiet) as progress:
        watcher = ShownWork(progress, as_json=as_json)
        if not request.seed.startswith(RECIPE):
            return generate(request, watcher)
        wanted = request.seed.removeprefix(RECIPE)
        found = [recipe for recipe in recipes() if recipe.task_id == wanted]
        if not found:
            known = ", ".join(recipe.task_id for recipe in recipes())
            raise UsageError(f"{request.seed}: no such recipe; there are {known}")
        templated = replace(request, seed=f"template:{found[0].seed}", count=1)
        return generate_recipe(templated, found[0], watcher)


class ShownWork:
    """
    Shows a `generate` at work: progress on stderr, one JSON record a trial on stdout if asked.
    """

    def __init__(self, progress: Progress, *, as_json: bool) -> None:
        self._progress = progress
        self._as_json = as_json

    def stage(self, what: str) -> None:
        self._progress.note(f"{what} …")

    def warning(self, text: str) -> None:
        self._progress.note(f"warning: {text}")

    def started(self, mutant: Mutant) -> None:
        self._progress.start(_place(mutant))

    def ended(self, tried: Tried) -> None:
        self._progress.finish(_place(tried.mutant), gained=int(tried.task is not None))
        if self._as_json:
            emit_json(trial_record(tried))


def trial_record(tried: Tried) -> dict[str, object]:
    """
    One trial as a JSON record.
    """
    mutant = tried.mutant
    return {
        "type": "trial",
        "outcome": tried.outcome.value,
        "mutator": mutant.mutator,
        "path": mutant.path,
        "line": mutant.line,
        "column": mutant.column,
        "symbol": mutant.symbol,
        "fingerprint": mutant.fingerprint,
        "failing_tests": sorted(tried.trial.broken),
        "detail": tried.trial.detail,
        "lane": tried.trial.lane,
        "differs": tried.trial.differs,
        "seconds": round(tried.trial.seconds, 2),
        "task": str(tried.task) if tried.task else None,
    }


def summary_record(report: Report) -> dict[str, object]:
    """
    The whole run as the last JSON record.
    """
    sites, base = report.ground.sites, report.ground.baseline
    return {
        "type": "summary",
        "seed": report.ground.seed.origin,
        "commit": report.ground.seed.commit,
        "sites": len(sites.mutants),
        "unreached": sites.unreached,
        "copied": sites.copied,
        "files": sites.files,
        "lines": sites.lines,
        "refused": [{"path": path, "reason": reason} for path, reason in sites.refused],
        "green": len(base.green),
        "excluded": dict(base.excluded),
        "outcomes": {outcome.value: number for outcome, number in report.outcomes().items()},
        "lanes": dict(report.lanes()),
        "proven": sum(one.trial.is_proven for one in report.tried),
        "disagreements": len(report.disagreements()),
        "tasks": len(report.tasks),
        "shortfall": report.shortfall,
    }


def print_report(report: Report, out: Path) -> None:
    """
    The tasks made, the yield of each mutator, and what to type next.
    """
    rows = [
        (one.task.name, one.mutant.mutator, f"{one.mutant.path}:{one.mutant.line}",
         len(one.trial.broken), f"{one.trial.seconds:.1f}")
        for one in report.tried
        if one.task is not None
    ]  # fmt: skip
    if rows:
        table(("task", "mutator", "place", "failing", "seconds"), rows, right="failing seconds")
        emit()
    _print_yield(report)
    emit()
    _print_summary(report)
    if report.tasks:
        emit(f"\nnext: cab-tasks validate {out} && cab-tasks lint {out}")


def _print_yield(report: Report) -> None:
    by_mutator: Mapping[str, Counter[str]] = defaultdict(Counter)
    for one in report.tried:
        by_mutator[one.mutant.mutator]["tried"] += 1
        by_mutator[one.mutant.mutator]["task" if one.task else one.outcome.value] += 1
    others = [outcome.value for outcome in Outcome if outcome is not Outcome.CAUGHT]
    seen = [name for name in others if any(counts[name] for counts in by_mutator.values())]
    rows = [
        (code, counts["tried"], counts["task"], *(counts[name] or "" for name in seen))
        for code, counts in sorted(by_mutator.items())
    ]
    headings = ("mutator", "tried", "tasks", *seen)
    table(headings, rows, right=" ".join(headings[1:]))


def _print_summary(report: Report) -> None:
    sites, base = report.ground.sites, report.ground.baseline
    outcomes = report.outcomes()
    tried = len(report.tried)
    caught = outcomes[Outcome.CAUGHT] + outcomes[Outcome.DUPLICATE]
    emit(
        f"{len(sites.mutants)} mutants in {sites.files} files, {sites.lines} lines; left out: "
        f"{sites.unreached} that no test reaches, {sites.copied} whose code stands elsewhere"
    )
    excluded = f", {len(base.excluded)} left out" if base.excluded else ""
    emit(f"{len(base.green)} stable green tests{excluded}")
    share = f" ({caught / tried:.0%})" if tried else ""
    emit(f"{_tasks(len(report.tasks))}; {caught} of {tried} mutants caught{share}")
    emit(_told_of_engine(report))
    for one in report.disagreements():
        tell(f"the fast engine was wrong: {_place(one.mutant)}: {one.trial.differs}")
    for one in report.tried:
        if one.outcome in (Outcome.ERROR, Outcome.FLAKY):
            tell(f"{one.outcome}: {_place(one.mutant)}: {one.trial.detail}")
    for path, reason in sites.refused:
        tell(f"left alone: {path}: {reason}")
    if report.shortfall:
        tell(report.shortfall)


def _told_of_engine(report: Report) -> str:
    lanes = report.lanes()
    shares = ", ".join(f"{number} {lane}" for lane, number in sorted(lanes.items())) or "none"
    proven = sum(one.trial.is_proven for one in report.tried)
    wrong = len(report.disagreements())
    return f"screened: {shares}; cold runs that agreed: {proven}, that did not: {wrong}"


def _tasks(number: int) -> str:
    return "1 task" if number == 1 else f"{number} tasks"


def _list_sites(request: Request, *, as_json: bool) -> int:
    from cab_tasks.ground import list_sites

    mutants = list_sites(request)
    if as_json:
        for mutant in mutants:
            emit_json(
                {"type": "site", "mutator": mutant.mutator, "path": mutant.path,
                 "line": mutant.line, "column": mutant.column, "symbol": mutant.symbol,
                 "edits": [{"start": e.start, "old": e.old.decode("utf-8", "replace"),
                            "new": e.new.decode("utf-8", "replace")} for e in mutant.edits]}
            )  # fmt: skip
    else:
        for mutant in mutants:
            old, new = (_flat(text) for text in (mutant.edits[0].old, mutant.edits[0].new))
            emit(f"{mutant.path}:{mutant.line}:{mutant.column}: {mutant.mutator}: {old} → {new}")
        emit(f"{len(mutants)} sites")
    return ExitCode.CLEAN if mutants else ExitCode.FINDINGS


def _flat(text: bytes) -> str:
    flat = " ".join(text.decode("utf-8", "replace").split())
    return (flat if len(flat) <= 50 else f"{flat[:49]}…") or "nothing"


def _place(mutant: Mutant) -> str:
    return f"{mutant.path}:{mutant.line} {mutant.mutator}"


def _check_out(out: Path) -> None:
    """
    Before any work: a folder, or one that can be made.
    """
    above = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise UsageError(f"--out {out}: {above} is not a folder that can be written to")


def _date(given: str | None) -> str:
    import datetime

    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        if given:
            return datetime.date.fromisoformat(given).isoformat()
        if epoch:
            return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError) as error:
        told = f"--date {given}" if given else f"SOURCE_DATE_EPOCH={epoch}"
        raise UsageError(f"{told}: no date; give YYYY-MM-DD, or seconds since 1970") from error
    return ""
