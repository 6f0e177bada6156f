"""
What an attack is: a named way to leave an agent's folder, and what must come of it.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from cab_tasks.attack.scene import Scene

    Build = Callable[[Scene], None]

CATALOGUE = "catalogue"  # known from studies of other benchmarks
OURS = "ours"

_REGISTRY: dict[str, Attack] = {}


class Kind(StrEnum):
    """
    Cheats must not pass, honest attempts must, and a leak must not be there to find.
    """

    CHEAT = "cheat"
    HONEST = "honest"
    LEAK = "leak"


class UnfitError(ValueError):
    """
    An attack that a bundle has no place for; says why.
    """


@dataclass(frozen=True, slots=True)
class Attack:
    """
    One way to leave a folder. `finding` must be part of a finding; empty: a plain fail will do.

    `forges`: it speaks for the runner from inside of it, so nothing but must-fail twins tells.
    `lies`: it tells something of itself, and has won already where that is believed.
    `wins`: it is known to win on many tasks; docs/trust.md says why.
    """

    id: str
    title: str
    build: Build = field(repr=False)
    kind: Kind = Kind.CHEAT
    language: str = ""  # of tasks that it fits; empty: all
    frameworks: tuple[str, ...] = ()
    finding: str = ""
    forges: bool = False
    lies: bool = False
    wins: bool = False
    source: str = CATALOGUE

    def unfit(self, language: str, framework: str) -> str:
        """
        Why it does not fit such tasks at all; empty if it may.
        """
        if self.language not in ("", language):
            return f"for {self.language}"
        if self.frameworks and framework not in self.frameworks:
            return f"for {', '.join(self.frameworks)}"
        return ""

    def fits(self) -> str:
        """
        The tasks that it is for, in a word or two.
        """
        return ", ".join(self.frameworks) or self.language or "all"


def attack(id_: str, **facts: Any) -> Callable[[Build], Build]:
    """
    Enters a function that builds an attempt; its docstring is the attack's title.

    `facts` are fields of `Attack`; a cheat for every language, if nothing is said.
    """

    def enter(build: Build) -> Build:
        if id_ in _REGISTRY:
            raise ValueError(f"{id_}: there is such an attack already")
        title = " ".join((inspect.getdoc(build) or "").partition("\n\n")[0].split())
        _REGISTRY[id_] = Attack(id_, title, build, **facts)
        return build

    return enter


def entered() -> dict[str, Attack]:
    """
    All that were entered so far, by id; see `groups.attacks` for all that there are.
    """
    return dict(_REGISTRY)
