"""
`cab-tasks demo`: the main job on the embedded seeds; generate, validate, lint, one table.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks.cli._output import Progress, emit, table, tell
from cab_tasks.cli._work import cache_folder, cores, plain_warnings
from cab_tasks.cli.generate import ShownWork
from cab_tasks.errors import ExitCode, SeedEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cab_tasks.ground import Request
    from cab_tasks.lint.engine import LintResult
    from cab_tasks.pipeline import Report, Tried
    from cab_tasks.validate import Validation

DATE = "2026-11-24"  # of the embedded seeds; today's would make other bytes every day
REPEAT = 2  # runs of each proof; `cab-tasks validate` makes three
COLUMNS = ("task", "mutator", "place", "failing", "verdict", "lint", "seconds")


def command(
    out: Annotated[Path, typer.Option(help="Where tasks are written.")] = Path("demo-tasks"),
    count: Annotated[int, typer.Option(min=1, help="Tasks of each larger seed.")] = 6,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Workers; 0: all cores.")] = 0,
) -> int:
    """
    Run the main job on the embedded seeds: generate tasks, validate them, lint them.

    A second run takes environments and trials from the cache; validation is always done anew.
    """
    from cab_tasks.lint.engine import LintRequest, lint_bundles
    from cab_tasks.proofs import validate_all

    workers = jobs or cores()
    with plain_warnings():
        made = _generate(out, count, workers)
        roots = [one.task for one in made if one.task is not None]
        with Progress("tasks proven", total=len(roots), gains="valid") as progress:
            proofs = []
            for proof in validate_all(roots, cache_folder(), repeat=REPEAT, jobs=workers):
                proofs.append(proof)
                progress.finish(proof.task_id, gained=int(proof.verdict == "valid"))
    linted = list(lint_bundles(roots, LintRequest()))
    _print(made, proofs, linted)
    good = all(one.verdict == "valid" for one in proofs) and not any(one.findings for one in linted)
    return ExitCode.CLEAN if good and roots else ExitCode.FINDINGS


def _generate(out: Path, count: int, jobs: int) -> list[Tried]:
    """
    The tasks by recipe, and a sample of each seed that has no recipe.
    """
    from cab_tasks import catalogue
    from cab_tasks.ground import Request

    plan = Request(
        seed="",
        out=out,
        cache=cache_folder(),
        mutators=catalogue.mutators(),
        count=count,
        date=DATE,
        jobs=jobs,
        resume=True,
        force=True,
    )
    reports = [report for name in _seeds_that_run() for report in _of_seed(plan, name)]
    for report in reports:
        if report.shortfall:
            tell(f"{report.ground.seed.name}: {report.shortfall}")
    return [one for report in reports for one in report.tried if one.task is not None]


def _of_seed(plan: Request, name: str) -> list[Report]:
    from cab_tasks.pipeline import generate, generate_recipe
    from cab_tasks.recipe import recipes

    request = replace(plan, seed=f"template:{name}")
    mine = [recipe for recipe in recipes() if recipe.seed == name]
    with Progress("trials", gains="tasks") as progress:
        watcher = ShownWork(progress, as_json=False)
        if not mine:
            return [generate(request, watcher)]
        return [generate_recipe(request, recipe, watcher) for recipe in mine]


def _seeds_that_run() -> Iterator[str]:
    from cab_tasks import catalogue

    has_cargo = shutil.which("cargo") is not None
    if not has_cargo:
        tell("no cargo on PATH: the Rust seeds are left out (https://rustup.rs installs it)")
    found = [seed.name for seed in catalogue.seeds() if has_cargo or seed.language != "rust"]
    if not found:
        raise SeedEnvironmentError("no embedded seed can run here; install Rust")
    yield from found


def _print(
    made: Sequence[Tried], proofs: Sequence[Validation], linted: Sequence[LintResult]
) -> None:
    rows = [
        _row(tried, proof, result)
        for tried, proof, result in zip(made, proofs, linted, strict=True)
    ]
    table(COLUMNS, rows, right="failing seconds")
    for proof in proofs:
        for reason in proof.reasons:
            emit(f"{proof.path}: {proof.verdict}: {reason}")
    for result in linted:
        for finding in result.findings:
            emit(f"{result.root}: {finding.code} {finding.message}")
    _print_counts(made, proofs, linted)
    emit("\nnext: .venv/bin/cab-tasks generate PATH_OR_GIT_URL --count 20 --out tasks/")


def _row(tried: Tried, proof: Validation, result: LintResult) -> tuple[object, ...]:
    mutant = tried.mutant
    return (
        proof.task_id,
        mutant.mutator,
        f"{mutant.path}:{mutant.line}",
        len(tried.trial.broken),
        proof.verdict,
        len(result.findings) or "clean",
        f"{tried.trial.seconds + proof.seconds:.1f}",
    )


def _print_counts(
    made: Sequence[Tried], proofs: Sequence[Validation], linted: Sequence[LintResult]
) -> None:
    languages = [one.mutant.mutator.split(":")[0] for one in made]
    counts: Mapping[str, int] = {name: languages.count(name) for name in sorted(set(languages))}
    by_language = ", ".join(f"{count} {name}" for name, count in counts.items())
    valid = sum(one.verdict == "valid" for one in proofs)
    clean = sum(not one.findings for one in linted)
    emit(f"\n{len(made)} tasks ({by_language}): {valid} valid, {clean} lint clean")
