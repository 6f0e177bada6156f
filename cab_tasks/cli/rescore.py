"""
`cab-tasks rescore`: a score made again from the attempt that was kept, without the agent.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks import __version__
from cab_tasks.cli._output import emit, emit_json
from cab_tasks.cli._work import plain_warnings
from cab_tasks.errors import ExitCode, UsageError
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from cab_tasks.cli._score import Bench
    from cab_tasks.score import Score


def command(
    records: Annotated[
        list[Path], typer.Argument(metavar="RECORD…", help="Records that `score --out` wrote.")
    ],
    bundle: Annotated[
        Path | None, typer.Option(metavar="BUNDLE", help="The task, if it is not where it was.")
    ] = None,
    sandbox: Annotated[Policy, typer.Option(help="auto, required or off.")] = Policy.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
) -> int:
    """
    Make scores again from the attempts that were kept, and tell whether they are the same.

    Exit code 1 when one is another, 4 when one could not be made again and all others are the same.
    """
    from cab_tasks.score import differences

    codes = set()
    benches: dict[Path, Bench] = {}
    with plain_warnings():
        for record in records:
            before, after = _both(record, bundle, sandbox, benches)
            changed = differences(before, after)
            codes.add(_code(before, after, changed))
            _tell(record, before, after, changed, as_json=as_json)
    return max(codes, key=lambda code: (code == ExitCode.FINDINGS, code), default=ExitCode.CLEAN)


def _both(
    record: Path, bundle: Path | None, sandbox: Policy, benches: dict[Path, Bench]
) -> tuple[Score, Score]:
    """
    The score that stands in a record, and the one that it would have now.
    """
    from cab_tasks.bundle import read_bundle
    from cab_tasks.cli._score import Bench
    from cab_tasks.score import kept_attempt, place_of, read_score

    if not record.is_file():
        raise UsageError(f"{record}: no such file; name a record that `score --out` wrote")
    before = read_score(record.read_bytes(), str(record))
    left, was_at = kept_attempt(place_of(record))
    root = bundle or was_at
    if root not in benches:
        benches[root] = Bench(read_bundle(root), sandbox)
    return before, benches[root].score(left, before.told, before.nonce)


def _code(before: Score, after: Score, changed: tuple[str, ...]) -> ExitCode:
    if after.verdict == "inconclusive" and before.verdict != "inconclusive":
        return ExitCode.TIMEOUT
    return ExitCode.FINDINGS if changed else ExitCode.CLEAN


def _tell(
    record: Path, before: Score, after: Score, changed: tuple[str, ...], *, as_json: bool
) -> None:
    if as_json:
        emit_json(
            {
                "type": "rescore", "path": str(record), "same": not changed,
                "differs": list(changed), "before": before.verdict, "after": after.verdict,
                "scored_by": before.scorer_version, "rescored_by": __version__,
            }
        )  # fmt: skip
        return
    how = f"different: {', '.join(changed)}" if changed else "same"
    emit(f"{record}: {before.verdict} → {after.verdict}: {how}")
    if before.scorer_version != __version__:
        emit(f"{record}: scored by {before.scorer_version}, again by {__version__}")
