"""
`cab-tasks env`: the environment of a task, rebuilt from its lock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cab_tasks.cli._output import emit, emit_json, tell
from cab_tasks.cli._work import cache_folder, plain_warnings

app = typer.Typer(help="Rebuild the environment of a task from its lock.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """
    Rebuild the environment of a task from its lock.
    """


@app.command("build")
def build(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The task's folder.")],
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="A new folder for it, else it stays in the cache."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One record a line.")] = False,
) -> None:
    """
    Build a task's environment from its environment/ folder, and say how to run its tests by hand.
    """
    from cab_tasks.bundle import read_bundle
    from cab_tasks.environment import place_environment, rebuild, shell_lines

    task = read_bundle(bundle)
    with plain_warnings():
        environment = rebuild(bundle / "environment", cache_folder())
    root = place_environment(environment, folder) if folder else environment.root
    for note in environment.notes:
        tell(f"note: {note}")
    lines = shell_lines(environment, root, bundle, task.manifest.tests.command)
    if as_json:
        facts = {"toolchain": environment.toolchain, "key": environment.key, "root": str(root)}
        emit_json({"type": "environment", **facts, "shell": lines})
        return
    emit(f"{root}: {environment.toolchain}, built from {bundle / 'environment'}")
    emit("to run the tests by hand, on a copy of workdir:")
    for line in lines:
        emit(f"  {line}")
