"""
Options that `generate` and `screen` share: how a seed is run, and where.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Mutators = Annotated[
    list[str] | None,
    typer.Option(help="Mutators to use: `cond.negate`, `rust:err.*`; may be repeated."),
]
MutatorPaths = Annotated[
    list[Path] | None, typer.Option(help="A Python file with mutators of your own.")
]
Language = Annotated[str | None, typer.Option(help="python or rust, where a seed has both.")]
Globs = Annotated[list[str] | None, typer.Option(help="Only product files that match this glob.")]
TestCommand = Annotated[
    str | None, typer.Option(help="The seed's test command, instead of the detected one.")
]
Python = Annotated[str | None, typer.Option(help="Interpreter of a Python seed: a path or 3.12.")]
AsOf = Annotated[
    str, typer.Option(help="Python packages as on YYYY-MM-DD, or on the `commit`'s day.")
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, help="Workers; 0: all cores.")]
Executor = Annotated[
    str, typer.Option(help="local, or ray: on a cluster (pip install 'cab-tasks[ray]').")
]
Address = Annotated[
    str, typer.Option(help="The Ray cluster, or `auto`; without, one on this machine.")
]
AllowRed = Annotated[bool, typer.Option("--allow-red", help="Go on with the stable green tests.")]
