"""
All attacks there are: importing a group enters what is in it.
"""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.attack.record import entered
from cab_tasks.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.attack.record import Attack

_FOLDER = Path(__file__).with_name("kinds")


def attacks(patterns: Sequence[str] = ()) -> tuple[Attack, ...]:
    """
    Those whose id matches a pattern (all for none), sorted by id.

    Raises:
        UsageError: a pattern matches none.
    """
    for module in pkgutil.iter_modules([str(_FOLDER)]):
        importlib.import_module(f"cab_tasks.attack.kinds.{module.name}")
    found = entered()
    for pattern in patterns:
        if not fnmatch.filter(found, pattern):
            raise UsageError(f"{pattern}: no such attack; `--select '*'` runs all")
    wanted = patterns or ("*",)
    return tuple(
        found[name]
        for name in sorted(found)
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted)
    )
