"""
`cab-tasks show`: one task as its author wants to see it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cab_tasks.cli._output import console, emit, emit_json, markdown

if TYPE_CHECKING:
    from cab_tasks.bundle import Bundle

TESTS_SHOWN = 20


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The task's folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
) -> None:
    """
    Show a task: the bug as a diff, the tests that notice, the prompt.
    """
    from cab_tasks.bundle import bundle_digest, read_bundle

    task = read_bundle(bundle)
    if as_json:
        manifest = task.manifest.model_dump(mode="json", by_alias=True)
        emit_json(
            {"type": "task", "path": str(bundle), "digest": bundle_digest(bundle),
             "manifest": manifest, "fail_to_pass": list(task.tests.fail_to_pass),
             "bug": bug_of(task), "prompt": task.prompt()}
        )  # fmt: skip
        return
    _print(task)


def bug_of(task: Bundle) -> str:
    """
    The reference fix turned round: repaired → workdir, what the bug did.
    """
    from cab_tasks.patch import apply_patch, make_patch

    parts = []
    for path, fixed in apply_patch(task.fix(), task.source).items():
        broken = task.source(path) or b""
        parts.append(make_patch(path, fixed or b"", broken).decode("utf-8", "replace"))
    return "".join(parts)


def _print(task: Bundle) -> None:
    manifest = task.manifest
    emit(f"{manifest.task_id}: {manifest.title}")
    mutation = (task.evidence or {}).get("mutation", {})
    if mutation:
        mutator, symbol = (mutation.get(key) for key in ("mutator", "symbol"))
        emit(f"{mutator or 'an unknown mutator'} in {symbol or 'the module'}")
    emit(f"from {manifest.source}, {manifest.license or 'no licence'}")
    emit("\nThe bug:\n")
    _print_diff(bug_of(task))
    failing = task.tests.fail_to_pass
    emit(f"\n{len(failing)} of {len(task.tests.must_pass())} tests notice:\n")
    for test in failing[:TESTS_SHOWN]:
        emit(f"  {test}")
    if len(failing) > TESTS_SHOWN:
        emit(f"  and {len(failing) - TESTS_SHOWN} more")
    emit("\nThe prompt:\n")
    markdown(task.prompt())


def _print_diff(diff: str) -> None:
    if not sys.stdout.isatty():
        emit(diff.rstrip())
        return
    from rich.syntax import Syntax

    console().print(Syntax(diff.rstrip(), "diff", background_color="default"))
