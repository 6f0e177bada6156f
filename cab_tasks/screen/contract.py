"""
What every language's screen is given and gives: the same for a code swap and for a switch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cab_tasks.sandbox import Limits, Policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cab_tasks.model import Environment, Mutant, Reach, Screened, SuiteSpec
    from cab_tasks.suite import Bytecode


@dataclass(frozen=True, slots=True)
class Setting:
    """
    One seed, measured. `tree` is pristine and only read; `cache` keeps builds and maps by content.

    `warm` is a build folder of the seed's own suite, where there is one: it may be copied, so that
    what the seed depends on is not built again. `bytecode` is what Python need not compile again.
    """

    spec: SuiteSpec
    environment: Environment
    tree: Path
    green: tuple[str, ...]
    durations_s: Mapping[str, float]
    reach: Reach
    cache: Path
    policy: Policy = Policy.AUTO
    limits: Limits = field(default_factory=Limits)  # of one mutant's run; sessions outlast it
    warm: Path | None = None
    bytecode: Bytecode | None = None


class Screen(Protocol):
    """
    One worker's engine, warm until it is closed; not for several threads at once.
    """

    def screen(
        self,
        mutant: Mutant,
        *,
        only: tuple[str, ...] = (),
        first_flip: bool = False,
        describe: bool = False,
    ) -> Screened:
        """
        Run the tests that reach a mutant, or `only` those; `describe` tells why each one fails.

        Raises:
            SandboxError: the engine itself broke; says nothing about the mutant.
        """

    def close(self) -> None:
        """End its processes."""


class Prepared(Protocol):
    """
    What all workers share: a woven build, or nothing. It can be pickled: workers are processes.
    """

    @property
    def unseen(self) -> frozenset[str]:
        """Green tests that this engine never runs (doc tests): only a plain run knows them."""

    def open(self, worker: int) -> Screen:
        """
        A worker's engine; numbers count from 0 and name its folders.

        Raises:
            SeedEnvironmentError: it is not to be trusted with this seed; plain runs are.
        """

    def close(self) -> None:
        """Forget it."""
