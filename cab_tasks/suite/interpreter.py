"""
A seed's Python interpreter, made visible in the sandbox.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.sandbox import ENV, Mount

if TYPE_CHECKING:
    from cab_tasks.model import Environment

PYTHON = f"{ENV}/bin/python"
_SYSTEM = ("/usr", "/bin", "/lib")


def interpreter_mounts(environment: Environment) -> tuple[Mount, ...]:
    """
    The environment at its fixed place, and its base where the environment's links point to.

    Raises:
        SeedEnvironmentError: the environment is no virtual environment.
    """
    prefixes = dict.fromkeys(
        prefix for prefix in _prefixes(environment.root) if not _is_of_system(prefix)
    )
    bases = tuple(Mount(prefix, str(prefix)) for prefix in prefixes)
    return (*bases, Mount(environment.root, ENV))


def _prefixes(root: Path) -> tuple[Path, ...]:
    """
    As written in pyvenv.cfg, and where that really is: both are looked up at the start.
    """
    config = root / "pyvenv.cfg"
    if not config.is_file():
        raise SeedEnvironmentError(f"{root.name}: no pyvenv.cfg; build the environment again")
    home = re.search(r"(?m)^home\s*=\s*(.+?)\s*$", config.read_text(encoding="utf-8"))
    if home is None:
        raise SeedEnvironmentError(f"{root.name}: pyvenv.cfg names no home; build it again")
    bins = (Path(home[1]), Path(home[1]).resolve(), (root / "bin/python").resolve().parent)
    return tuple(folder.parent for folder in bins)


def _is_of_system(prefix: Path) -> bool:
    return any(prefix == Path(place) or Path(place) in prefix.parents for place in _SYSTEM)
