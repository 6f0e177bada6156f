"""
One build for many mutants: what the compiler refuses moves up a level, until the rest builds.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.screen.rust.blame import blamed
from cab_tasks.screen.rust.layout import with_runtime
from cab_tasks.suite.cargo_build import ONCE, build
from mutators.rust._switch import Level, Loom, Switch, Woven, runtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cab_tasks.model import Mutant
    from cab_tasks.screen.rust.layout import Layout
    from cab_tasks.suite.cargo_build import Built, Program
    from cab_tasks.suite.request import Request
    from mutators.base import Edit

ROUNDS = 16  # builds; each lays all its errors on mutants, and four are usual
_BUILD_S = 1800.0


@dataclass(slots=True)
class Ladder:
    """
    Where each mutant stands, by its number; `failed` ones do not compile, with the error.

    `alone` need a build of their own: no level is left, or none fits. Of those, `probed` have a
    probe in their function.
    """

    levels: dict[int, Level]
    failed: dict[int, str] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    alone: dict[int, str] = field(default_factory=dict)
    probed: set[int] = field(default_factory=set)
    programs: tuple[Program, ...] = ()
    rounds: int = 0
    seconds: float = 0.0


def climb(request: Request, layout: Layout, mutants: Mapping[int, Mutant], target: Path) -> Ladder:
    """
    Build the tree with all these mutants in it into `target`.

    Raises:
        SeedEnvironmentError: the build does not end well, and no mutant is to blame.
    """
    ladder = Ladder(dict.fromkeys(mutants, Level.HOLDER))
    files = _Files(layout, mutants)
    started = time.monotonic()
    for ladder.rounds in range(1, ROUNDS + 1):
        woven = files.woven(ladder)
        built = _build(request, layout, woven, max(mutants, default=0) + 2, target)
        blame = blamed(built.diagnostics, woven)
        ladder.failed.update(blame.failed)
        ladder.plain |= blame.plain
        whole = frozenset[int]().union(*(one.whole for one in woven.values()))
        for id_ in blame.raised:
            ladder.levels[id_] = Level.PROBE if id_ in whole else Level.BODY
        if built.end is None and not blame.failed:
            ladder.programs = built.programs
            ladder.seconds = time.monotonic() - started
            return ladder
        if not blame:
            raise SeedEnvironmentError(f"the woven sources do not build: {built.detail}")
    raise SeedEnvironmentError(f"the woven sources do not build, {ROUNDS} times over")


class _Files:
    """
    The files of a layout, woven again where the level of one of their mutants has changed.
    """

    def __init__(self, layout: Layout, mutants: Mapping[int, Mutant]) -> None:
        self._layout = layout
        self._edits: dict[str, list[tuple[int, tuple[Edit, ...]]]] = defaultdict(list)
        for id_, mutant in mutants.items():
            self._edits[mutant.path].append((id_, mutant.edits))
        self._looms: dict[str, Loom] = {}
        self._kept: dict[str, tuple[tuple[Switch, ...], Woven]] = {}

    def woven(self, ladder: Ladder) -> dict[str, Woven]:
        """
        All that are to be woven, by path; says in `ladder` which mutants are alone.
        """
        ladder.alone.clear()
        ladder.probed.clear()
        found = {}
        for path in self._layout.paths:
            if path not in ladder.plain:
                found[path] = self._file(path, ladder)
        for path in {*self._edits} - {*found}:
            outside = "its file is no part of a woven crate"
            ladder.alone.update((id_, outside) for id_, _ in self._edits[path])
        return found

    def _file(self, path: str, ladder: Ladder) -> Woven:
        switches = tuple(self._switches(path, ladder))
        kept = self._kept.get(path)
        if kept is None or kept[0] != switches:
            if path not in self._looms:
                self._looms[path] = Loom(self._layout.originals[path])
            kept = (switches, self._looms[path].weave(switches))
            self._kept[path] = kept
        woven = kept[1]
        refused = "what it would be switched in is refused by the compiler"
        ladder.alone.update(
            (switch.id, refused) for switch in switches if switch.level is Level.PROBE
        )
        ladder.alone.update(woven.refused)
        ladder.probed |= woven.probed
        return woven

    def _switches(self, path: str, ladder: Ladder) -> Iterable[Switch]:
        for id_, edits in self._edits.get(path, ()):
            if id_ not in ladder.failed:
                yield Switch(id_, edits, ladder.levels[id_])


def _build(
    request: Request, layout: Layout, woven: Mapping[str, Woven], sites: int, target: Path
) -> Built:
    with workspace.scratch() as folder:
        tree = folder / "tree"
        workspace.copy_tree(request.tree, tree)
        for path, data in with_runtime(layout, woven, runtime(sites)).items():
            (tree / path).write_bytes(data)
        here = replace(request, tree=tree, variables=(*request.variables, ONCE))
        return build(here, target, _BUILD_S, caps_lints=True)
