"""
A station's plan made portable: what a node that has nothing needs to try this seed's mutants.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.environment import lay_environment_files, rebuild
from cab_tasks.errors import SandboxError, SeedEnvironmentError
from cab_tasks.screen import prepare_screen
from cab_tasks.station import Station, StationPlan, setting_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.model import Environment, Mutant
    from cab_tasks.screen import Prepared
    from cab_tasks.trial import Bench

_ELSEWHERE = Path()  # stands for folders of the machine that packed


@dataclass(frozen=True, slots=True)
class Parcel:
    """
    A plan without a path of the machine that packed it: the seed's tree is in `bench`, as bytes.

    `cache` is the folder to unpack into, `None` the node's own. `machine` is what environments
    are made for.
    """

    bench: Bench
    mutants: tuple[Mutant, ...]  # a shared build holds them all
    is_screened: bool
    first_flip: bool
    cache: Path | None
    machine: str


def packed(plan: StationPlan, mutants: Sequence[Mutant], cache: Path | None) -> Parcel:
    bench = plan.bench
    return Parcel(
        replace(
            bench,
            seed=replace(bench.seed, tree=_ELSEWHERE),
            environment=replace(bench.environment, root=_ELSEWHERE, interpreter=None),
            cache=_ELSEWHERE,
        ),
        tuple(mutants) if plan.prepared is not None else (),
        plan.prepared is not None,
        plan.first_flip,
        cache,
        platform.machine(),
    )


def unpacked(parcel: Parcel, _worker: int = 0) -> Station:
    """
    A station on this node, with folders that no other process of the machine has.

    What takes long is made once per node, under a lock: environment, tree, shared build.

    Raises:
        SeedEnvironmentError: the environment cannot be made here, or would not be the same.
    """
    bench = _bench(parcel, parcel.cache or workspace.cache_folder())
    name = f"{bench.seed.name}-{bench.environment.key[:12]}"
    posts = bench.cache / "targets" / name / "posts"
    number = workspace.take_number(posts)
    target = None if bench.environment.language == "python" else posts / f"{number}"
    return Station(
        StationPlan(bench, _prepared(parcel, bench), (target,), parcel.first_flip), number
    )


def _bench(parcel: Parcel, cache: Path) -> Bench:
    bench = parcel.bench
    environment = _environment(parcel, cache)
    tree = cache / "trees" / bench.seed.tree_hash
    with workspace.lock(tree.with_suffix(".lock")):
        if not tree.is_dir():
            with workspace.place(tree, durable=False) as beside:
                workspace.write_tree(beside, bench.tree)
    return replace(bench, seed=replace(bench.seed, tree=tree), environment=environment, cache=cache)


def _environment(parcel: Parcel, cache: Path) -> Environment:
    """
    From the record that every bundle gets, so that no node resolves anything by itself.
    """
    wanted = parcel.bench.environment
    with workspace.scratch() as folder:
        for path, data in wanted.files:
            workspace.write(folder, path, data)
        built = rebuild(folder, cache, policy=parcel.bench.policy)
    ours = (platform.machine(), built.toolchain, built.key)
    if ours != (parcel.machine, wanted.toolchain, wanted.key):
        raise SeedEnvironmentError(
            f"{platform.node()}: the environment here would be {built.toolchain} on {ours[0]}, "
            f"not {wanted.toolchain} on {parcel.machine}; give all nodes of the cluster the same"
        )
    return replace(built, notes=wanted.notes)


def _prepared(parcel: Parcel, bench: Bench) -> Prepared | None:
    """
    The fast engine of this node; None where it is not to be trusted, here or where it was packed.
    """
    if not parcel.is_screened:
        return None
    try:
        return prepare_screen(setting_of(bench, _laid_tree(bench)), parcel.mutants)
    except (SeedEnvironmentError, SandboxError):
        return None


def _laid_tree(bench: Bench) -> Path:
    """
    The seed's tree with the environment's files in it.
    """
    key = f"{bench.seed.tree_hash[:24]}-{bench.environment.key[:12]}"
    laid = bench.cache / "laid" / key
    with workspace.lock(laid.with_suffix(".lock")):
        if not laid.is_dir():
            with workspace.place(laid, durable=False) as beside:
                workspace.write_tree(beside, bench.tree)
                lay_environment_files(bench.environment, beside)
    return laid
