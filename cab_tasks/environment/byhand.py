"""
An environment for a person at a shell: placed where they want it, and the lines to type.
"""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

from cab_tasks.environment.record import LOCKS
from cab_tasks.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.model import Environment


def place_environment(environment: Environment, folder: Path) -> Path:
    """
    Copy an environment to a new folder; it works from there.

    Raises:
        UsageError: the folder is there and is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: not empty; name a new folder")
    shutil.copytree(environment.root, folder, symlinks=True, dirs_exist_ok=True)
    return folder.absolute()


def shell_lines(environment: Environment, root: Path, bundle: Path, command: str) -> list[str]:
    """
    What to type to run a bundle's tests, hidden ones too, on a copy of its workdir.
    """
    source = shlex.quote(str(bundle.absolute()))
    lines = [
        f"cp -r {source}/workdir try && cd try",
        f"[ ! -d {source}/hidden/tests ] || cp -r {source}/hidden/tests/. .",
    ]
    if environment.language == "python":
        return [*lines, f". {shlex.quote(str(root / 'bin' / 'activate'))}", command]
    if environment.language != "rust":
        return [*lines, command]
    if not (bundle / "workdir" / LOCKS["rust"]).exists():
        lines.append(f"cp {source}/environment/{LOCKS['rust']} .")
    return [*lines, f"export CARGO_NET_OFFLINE=true CARGO_HOME={shlex.quote(str(root))}", command]
