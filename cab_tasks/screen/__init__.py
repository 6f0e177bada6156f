"""
Many mutants through one suite, fast: it proposes, a plain run disposes.

One file per language. Nothing here makes a task: what a screen says is always proven cold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cab_tasks.screen.contract import Prepared, Screen, Setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.model import Mutant

__all__ = ["Prepared", "Screen", "Setting", "prepare_screen"]


def prepare_screen(setting: Setting, mutants: Sequence[Mutant]) -> Prepared:
    """
    Make ready to screen any of these mutants, on any number of workers.

    Raises:
        SeedEnvironmentError: the fast engine is not to be trusted with this seed.
        UsageError: there is none for its language.
    """
    if setting.spec.language == "python":
        from cab_tasks.screen.python import prepare_python

        return prepare_python(setting)
    from cab_tasks.screen.rust import prepare_rust

    return prepare_rust(setting, mutants)
