"""
What a run of a suite is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks.sandbox import Policy

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.model import Environment, SuiteSpec
    from cab_tasks.sandbox import Limits, Mount


@dataclass(frozen=True, slots=True)
class Bytecode:
    """
    A folder of what Python has compiled, by content; `is_writable` where a run is to add to it.

    Whoever reads it trusts what ran where it was kept.
    """

    folder: Path
    is_writable: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """
    One run: `select` holds test ids (empty: all), `shuffle` the seed of their order.
    """

    spec: SuiteSpec
    environment: Environment
    tree: Path
    limits: Limits
    test_timeout_s: float = 0.0  # 0: no limit of its own
    select: tuple[str, ...] = ()
    shuffle: int | None = None
    variables: tuple[tuple[str, str], ...] = ()  # win over those of the spec
    target: Path | None = None
    policy: Policy = Policy.AUTO
    reach: bool = False
    extra_mounts: tuple[Mount, ...] = ()  # for test programs, not for a build
    extra_variables: tuple[tuple[str, str], ...] = ()
    bytecode: Bytecode | None = None
    is_quick: bool = False  # only files of chosen tests are read, and failed asserts not explained

    def variable(self, name: str) -> str:
        return dict((*self.spec.env, *self.variables)).get(name, "")
