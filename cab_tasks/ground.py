"""
A seed made ready: taken, its environment built, its suite measured, its sites found.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from cab_tasks import __version__, baseline, workspace
from cab_tasks.environment import build_environment, lay_environment_files
from cab_tasks.errors import BaselineError, UsageError
from cab_tasks.hiding import unprotected_tests
from cab_tasks.leaks import copies
from cab_tasks.offers import kept_offers
from cab_tasks.sandbox import Limits, Policy
from cab_tasks.seed import take_seed
from cab_tasks.sites import Sites, find_sites
from cab_tasks.suite import Bytecode, run_suite, trace_suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from cab_tasks.baseline import Baseline, Condition
    from cab_tasks.model import Environment, Mutant, Reach, Run, Seed
    from mutators.base import AnyMutator

BASELINE_TIMEOUT_S = 1800.0  # one run of the seed's own suite, build included


@dataclass(frozen=True, slots=True)
class Request:
    """
    What `generate` is asked for. `paths` are globs, `seed_number` is the sampler's.
    """

    seed: str
    out: Path
    cache: Path
    mutators: tuple[AnyMutator, ...]
    rev: str | None = None
    language: str | None = None
    test_command: str | None = None
    python: str | None = None
    as_of: str = ""  # Python packages of YYYY-MM-DD, or of the day of the `commit`; "": the newest
    dirty: bool = False
    max_size: int = 512 << 20
    count: int = 10
    paths: tuple[str, ...] = ()
    seed_number: int = 0
    visible: bool = False
    prompt_level: str = "symptoms"
    date: str = ""
    max_share: float = 0.2
    common_share: float = 0.5
    max_broken: float = 0.5
    allow_hangs: bool = False
    allow_red: bool = False
    jobs: int = 1
    resume: bool = False
    force: bool = False
    policy: Policy = Policy.AUTO
    executor: str = "local"  # or "ray"
    address: str = ""  # of a Ray cluster; none: one is started on this machine
    at_once: int = 0  # trials on a cluster; 0: as many as it has CPUs for


@dataclass(frozen=True, slots=True)
class Ground:
    """
    A seed made ready: everything before the first mutant is tried.
    """

    seed: Seed
    environment: Environment
    baseline: Baseline
    sites: Sites
    bytecode: Bytecode | None = None  # what the baseline's runs have compiled


class Stages(Protocol):
    """
    Who shows progress; called from the main thread, in order.
    """

    def stage(self, what: str) -> None:
        """Something begins that may take long."""

    def warning(self, text: str) -> None:
        """Something that the user should know and that does not stop the work."""


@contextmanager
def prepared_ground(request: Request, watcher: Stages) -> Iterator[Ground]:
    """
    Seed, environment, baseline and sites.

    Build folders are kept between runs. Until the block ends they are this run's alone, as cargo's
    own are: another one that builds the same seed waits.

    Raises:
        CabError: the seed cannot be taken, built, or is not green.
    """
    watcher.stage(f"reading {request.seed}")
    seed = _take(request)
    for warning in seed.warnings:
        watcher.warning(warning)
    mutators = _mutators_for(seed, request)
    watcher.stage("building the environment")
    environment = build_environment(
        seed, request.cache, python=request.python, policy=request.policy, as_of=request.as_of
    )
    folders = _build_folders(request, seed, environment)
    with nullcontext() if folders is None else _alone_in(folders, watcher):
        yield _ground(request, watcher, seed, environment, mutators)


@contextmanager
def _alone_in(folders: Path, watcher: Stages) -> Iterator[None]:
    def waiting() -> None:
        watcher.stage("waiting for another run that builds this seed")

    with workspace.lock(folders / ".lock", waiting):
        workspace.remove_partial(folders)
        yield


def _build_folders(request: Request, seed: Seed, environment: Environment) -> Path | None:
    """
    Where workers have theirs, for languages that build.
    """
    if seed.suite.language == "python":
        return None
    return request.cache / "targets" / f"{seed.name}-{environment.key[:12]}"


def _ground(
    request: Request,
    watcher: Stages,
    seed: Seed,
    environment: Environment,
    mutators: list[AnyMutator],
) -> Ground:
    watcher.stage("running the seed's own suite")
    key = content_key(
        seed.tree_hash, environment.key, seed.suite, request.allow_red, baseline.FORMAT, __version__
    )
    bytecode = request.cache / "bytecode" / key
    base = _protected(seed, _baseline(request, seed, environment, key, bytecode))
    watcher.stage("looking for sites")
    offers = kept_offers(seed, mutators, request.paths, request.cache / "sites", request.jobs)
    sites = find_sites(
        seed,
        offers,
        reach=base.reach if base.reach.lines else None,
        is_copied=copies(environment, request.cache).holds,
    )
    return Ground(seed, environment, base, sites, Bytecode(bytecode))


def list_sites(request: Request) -> tuple[Mutant, ...]:
    """
    Every mutant of the seed's product code, reached by tests or not; nothing is run.
    """
    seed = _take(request)
    mutators = _mutators_for(seed, request)
    offers = kept_offers(seed, mutators, request.paths, request.cache / "sites", request.jobs)
    return find_sites(seed, offers).mutants


def _take(request: Request) -> Seed:
    return take_seed(
        request.seed,
        rev=request.rev,
        language=request.language,
        test_command=request.test_command,
        dirty=request.dirty,
        max_size=request.max_size,
        cache=request.cache,
        python=request.python,
        policy=request.policy,
    )


def _mutators_for(seed: Seed, request: Request) -> list[AnyMutator]:
    language = seed.suite.language
    mutators = [one for one in request.mutators if one.language == language]
    if not mutators:
        raise UsageError(f"no mutator for {language} is selected; see `cab-tasks mutators`")
    return mutators


def _protected(seed: Seed, base: Baseline) -> Baseline:
    """
    Without tests that an attempt could edit along with the code: they must decide nothing.

    Raises:
        BaselineError: there are no others.
    """
    if seed.suite.language != "rust":
        return base
    files = dict(workspace.read_files(seed.tree))
    opened = frozenset(unprotected_tests(seed.suite, files, base.green))
    green = tuple(test for test in base.green if test not in opened)
    if not green:
        raise BaselineError(
            "every test stands in product code by itself, where an attempt could edit it; put them "
            "into `#[cfg(test)]` modules or below tests/"
        )
    return replace(
        base,
        green=green,
        excluded={**base.excluded, **dict.fromkeys(opened, "stands in product code by itself")},
        durations_s={test: took for test, took in base.durations_s.items() if test not in opened},
    )


def _baseline(
    request: Request, seed: Seed, environment: Environment, key: str, bytecode: Path
) -> Baseline:
    """
    Measured once per seed tree, environment and command; kept in the cache.
    """
    path = request.cache / "baselines" / f"{key}.json"
    kept = baseline.load(path)
    if kept is not None:
        return kept
    folders = _build_folders(request, seed, environment)
    target = None if folders is None else _worker_folder(folders, 0)
    limits = Limits(timeout_s=BASELINE_TIMEOUT_S)
    bytecode.mkdir(parents=True, exist_ok=True)

    def run(condition: Condition, select: tuple[str, ...] = ()) -> Run:
        is_first = condition is baseline.PLAIN and not select
        return run_suite(
            seed.suite, environment, tree, limits=limits, shuffle=condition.shuffle,
            select=select, variables=condition.variables, target=target, policy=request.policy,
            bytecode=Bytecode(bytecode, is_writable=is_first),
        )  # fmt: skip

    def trace() -> tuple[Run, Reach]:
        return trace_suite(
            seed.suite, environment, tree, limits=limits, target=target, policy=request.policy,
            bytecode=Bytecode(bytecode),
        )  # fmt: skip

    with workspace.scratch() as folder:
        tree = folder / "tree"
        workspace.copy_tree(seed.tree, tree)
        lay_environment_files(environment, tree)
        has_room = request.jobs > 1 and seed.suite.language == "python"
        try:
            measured = baseline.measure(
                run, trace, allow_red=request.allow_red, has_room=has_room,
                command=seed.suite.command, run_only=lambda tests: run(baseline.PLAIN, tests),
            )  # fmt: skip
        except BaselineError as error:
            if seed.suite.language == "python" and seed.date and not request.as_of:
                error.add_note("packages of the seed's own time may do better: --as-of commit")
            raise
    baseline.save(measured, path)
    return measured


def targets(request: Request, ground: Ground) -> list[Path | None]:
    """
    A build folder a worker, for languages that build; kept between runs, warm.
    """
    folders = _build_folders(request, ground.seed, ground.environment)
    if folders is None:
        return [None] * request.jobs
    return [_worker_folder(folders, number) for number in range(request.jobs)]


def _worker_folder(folders: Path, number: int) -> Path:
    return folders / f"worker-{number}"


def selected(
    available: Sequence[AnyMutator], wanted: Sequence[str], allowed: Callable[[str], bool]
) -> tuple[AnyMutator, ...]:
    """
    The mutators that patterns name (`cond.negate`, `rust:err.*`); all that are allowed for none.

    Raises:
        UsageError: a pattern names none.
    """
    chosen: dict[str, AnyMutator] = {}
    for pattern in wanted or ("*",):
        full = pattern if ":" in pattern else f"*:{pattern}"
        found = [one for one in available if fnmatch.fnmatchcase(one.code(), full)]
        if not found:
            raise UsageError(f"{pattern}: no such mutator; `cab-tasks mutators` lists them")
        chosen.update((one.code(), one) for one in found if allowed(one.language))
    return tuple(chosen[code] for code in sorted(chosen))


def content_key(*parts: object) -> str:
    return hashlib.sha256(json.dumps([repr(part) for part in parts]).encode()).hexdigest()[:24]
