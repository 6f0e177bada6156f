"""
The command `cab-tasks`: which commands there are, and where each one lives.
"""

from __future__ import annotations

import importlib
import signal
import sys
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cab_tasks import __version__
from cab_tasks.cli._errors import ErrorReport


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A command that is not imported yet: its module (with `command` or `app`) and its one line.
    """

    module: str
    help: str
    hidden: bool = False


COMMANDS = {
    "generate": Entry("generate", "Make tasks out of a repository with a green test suite."),
    "screen": Entry("screen", "Tell which tests notice which mutants; make no tasks."),
    "validate": Entry("validate", "Run the proof of tasks again: fail before, pass after."),
    "lint": Entry("lint", "Check bundles by rules, without running anything."),
    "show": Entry("show", "Show a task: the bug, the tests that notice, the prompt."),
    "prepare": Entry("prepare", "Lay out what an agent starts in."),
    "score": Entry("score", "Judge what agents left, on all axes."),
    "rescore": Entry("rescore", "Make scores again from the attempts that were kept."),
    "attack": Entry("attack", "Turn every known attack on a task's own verifier."),
    "env": Entry("env", "Rebuild the environment of a task from its lock."),
    "new": Entry("new", "Start a hand-written task from a template."),
    "seeds": Entry("seeds", "List the embedded seed repositories."),
    "mutators": Entry("mutators", "List the kinds of bug, or print the page of one."),
    "rule": Entry("rule", "List the lint rules, or print the page of one."),
    "schema": Entry("schema", "Print the JSON Schema of task.yaml, or of a score."),
    "docs": Entry("docs", "Write the generated pages of docs/.", hidden=True),
    "demo": Entry("demo", "Run the main job on the embedded seeds.", hidden=True),
}


class LazyGroup(TyperGroup):
    """
    A group that imports a command's module only when that command is called.

    Listing and completion see placeholders: `cab-tasks --help` must answer within 0.3 s.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": _placeholders()})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(str(name)), rest

    def invoke(self, ctx: Any) -> Any:
        try:
            code = super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("cab-tasks: interrupted", err=True)
            raise typer.Exit(130) from None
        if isinstance(code, int) and code:
            raise typer.Exit(int(code))


def load(name: str) -> Any:
    """
    The real command of a name in `COMMANDS`.

    Its module exposes `command`, a function whose parameters are the options, or `app`, a group.
    """
    module = importlib.import_module(f"cab_tasks.cli.{COMMANDS[name].module}")
    app = getattr(module, "app", None)
    if app is None:
        app = _new_app()
        app.command(name)(module.command)
    app.rich_markup_mode = None
    command = typer.main.get_command(app)
    command.name = name
    return command


def _placeholders() -> dict[str, TyperCommand]:
    return {
        name: TyperCommand(name, help=entry.help, hidden=entry.hidden, rich_markup_mode=None)
        for name, entry in COMMANDS.items()
    }


def _new_app(**settings: Any) -> typer.Typer:
    # Plain help: the rich one takes longer to import than all the rest of `--help`.
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,
    )


root = _new_app(cls=LazyGroup, no_args_is_help=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cab-tasks {__version__}")
        raise typer.Exit


@root.callback()
def _root(
    ctx: typer.Context,
    debug: Annotated[
        bool,
        typer.Option("--debug", envvar="CAB_TASKS_DEBUG", help="Show the traceback of an error."),
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """
    Author, mutate, prove, validate and lint tasks for coding agents.
    """
    ctx.obj.debug = debug


def main() -> None:
    """
    Entry point: runs the command line, ends the process with a code of `ExitCode`.
    """
    # As Ctrl-C: what is under way ends, and its folders go.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with ErrorReport() as report:
        typer.main.get_command(root).main(prog_name="cab-tasks", obj=report)
