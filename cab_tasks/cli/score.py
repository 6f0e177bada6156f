"""
`cab-tasks score`: attempts at a task, judged on all axes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks.cli._output import Progress, emit, emit_json
from cab_tasks.cli._work import plain_warnings
from cab_tasks.errors import UsageError
from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cab_tasks.bundle import Bundle
    from cab_tasks.score import Left, Score, Told


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The task's folder.")],
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[DIR]…", help="Folders that agents left.")
    ] = None,
    patch: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A patch to workdir; repeatable.")
    ] = None,
    told: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON: tokens, times, last message, cause.")
    ] = None,
    cause: Annotated[
        str | None, typer.Option(help="Why it ended early, by the harness's word.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="RECORD", help="Write the record; of several: a folder.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Keep the attempt beside its record.")
    ] = True,
    nonce: Annotated[
        str | None, typer.Option(help="32 hex digits that make the must-fail twins; else random.")
    ] = None,
    sandbox: Annotated[Policy, typer.Option(help="auto, required or off.")] = Policy.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """
    Judge what agents left: verdict, axes and both composites, in one record each.

    Exit code 1 when an attempt does not pass, 4 when one could not be judged and all others pass.
    """
    from cab_tasks.bundle import read_bundle
    from cab_tasks.cli._score import Bench, exit_code, print_score
    from cab_tasks.score import plain_score

    task = read_bundle(bundle)
    attempts = list(_attempts(task, folders or [], patch or []))
    said = _told(told, cause)
    _check(nonce, len(attempts))
    if out is not None and len(attempts) == 1 and (out.is_dir() or out.suffix == ".attempt"):
        raise UsageError(f"{out}: no name for a record; name a file such as {out.stem}.json")
    made: list[Score] = []
    with (
        plain_warnings(),
        Progress("attempts", total=len(attempts), gains="passed", quiet=quiet) as progress,
    ):
        bench = Bench(task, sandbox)
        for number, (name, left) in enumerate(attempts, 1):
            progress.start(name)
            score = bench.score(left, said, nonce)
            progress.finish(name, gained=int(score.verdict == "pass"))
            made.append(score)
            if out is not None:
                place = out if len(attempts) == 1 else out / f"{number}-{Path(name).stem}.json"
                _write(score, left, task, place, keep=keep)
            if as_json:
                emit_json({"type": "score", "path": name, **plain_score(score)})
    if not as_json:
        for (name, _), score in zip(attempts, made, strict=True):
            print_score(name, score)
            emit()
    return exit_code(made)


def _attempts(
    bundle: Bundle, folders: Sequence[Path], patches: Sequence[Path]
) -> Iterator[tuple[str, Left]]:
    from cab_tasks.patch import is_patch
    from cab_tasks.score import left_by_patch, left_in

    if not folders and not patches:
        raise UsageError("nothing to score; name folders, or patches with --patch")
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder; a patch goes with --patch")
        yield str(folder), left_in(bundle, folder)
    for file in patches:
        data = _bytes(file)
        if data.strip() and not is_patch(data):
            raise UsageError(f"{file}: no patch; --patch takes a unified diff")
        yield str(file), left_by_patch(bundle, data)


def _told(file: Path | None, cause: str | None) -> Told:
    from cab_tasks.score import Cause, Told, read_told

    told = read_told(_bytes(file)) if file is not None else Told()
    if cause is None:
        return told
    if cause not in list(Cause):
        raise UsageError(f"{cause}: no cause; choose from {', '.join(Cause)}")
    return told.model_copy(update={"cause": Cause(cause), "cause_source": "measured"})


def _check(nonce: str | None, attempts: int) -> None:
    if nonce is None:
        return
    if len(nonce) != 32 or set(nonce) - set("0123456789abcdef"):
        raise UsageError(f"{nonce}: no nonce; write 32 hex digits, or leave it out")
    if attempts > 1:
        raise UsageError("--nonce is for one attempt; twins that others know prove nothing")


def _write(score: Score, left: Left, bundle: Bundle, place: Path, *, keep: bool) -> None:
    from cab_tasks.score import dump_score, keep_attempt, place_of

    place.parent.mkdir(parents=True, exist_ok=True)
    # The attempt first: a record that is there can be scored again.
    if keep:
        keep_attempt(left, place_of(place), bundle.root)
    place.write_bytes(dump_score(score))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
