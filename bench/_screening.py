"""
Our engine on a list of mutants, as one process that can be timed from outside.

    python _screening.py SEED --mutants IN.json --verdicts OUT.json [--engine fast|plain] …

SEED is whatever `generate` takes. Without `--mutants` all of our own on reached lines are
taken, `--sample N` of them. The baseline is measured anew; seed and environment may come from the
cache, and how long each stage took is written beside the verdicts.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import _plain
from _mutants import mutants_of, reaching
from _workers import screened

from cab_tasks.ground import Request, prepared_ground, targets
from cab_tasks.sandbox import Limits
from cab_tasks.screen import prepare_screen
from cab_tasks.screen.contract import Setting
from mutators.registry import built_in

if TYPE_CHECKING:
    from cab_tasks.ground import Ground
    from cab_tasks.model import Mutant, Screened

ENGINES = {"fast": prepare_screen, "plain": _plain.prepare_plain}


class Stopwatch:
    """
    Seconds of each stage; a `Watcher` for `prepared_ground`.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began, self._what = time.monotonic(), "start"

    def stage(self, what: str) -> None:
        now = time.monotonic()
        self.seconds[self._what] = round(self.seconds.get(self._what, 0.0) + now - self._began, 3)
        self._began, self._what = now, what.partition(" /")[0]  # no folders of this machine

    def warning(self, text: str) -> None:
        print(text)


def request_of(arguments: argparse.Namespace) -> Request:
    """
    Sites are looked for only where no mutants are given.
    """
    return Request(
        seed=arguments.seed,
        out=arguments.cache / "out",
        cache=arguments.cache,
        mutators=(*built_in("python"), *built_in("rust")),
        test_command=arguments.test_command,
        python=arguments.python,
        dirty=True,
        paths=("nowhere",) if arguments.mutants else tuple(arguments.paths),
        allow_red=True,
    )


def verdict(mutant: Mutant, lane: str, told: Screened) -> dict[str, Any]:
    return {
        "name": mutant.mutator.removeprefix("peer:"),
        "at": f"{mutant.path}:{mutant.line}:{mutant.column}",
        "fingerprint": mutant.fingerprint,
        "edits": [[edit.start, edit.old.decode(), edit.new.decode()] for edit in mutant.edits],
        "end": told.end.value,
        "lane": lane,
        "failing": {result.id: result.outcome.value for result in told.results},
        "ran": told.ran,
        "seconds": round(told.duration_s, 4),
        "hung_s": round(told.hung_s, 4),
        "detail": told.detail[:300],
    }


def main() -> None:
    arguments = _arguments()
    watch = Stopwatch()
    for kept in ("baselines", "bytecode"):
        shutil.rmtree(arguments.cache / kept, ignore_errors=True)
    request = request_of(arguments)
    with prepared_ground(request, watch) as ground:
        _measure(arguments, watch, ground, targets(request, ground)[0])


def _measure(
    arguments: argparse.Namespace, watch: Stopwatch, ground: Ground, warm: Path | None
) -> None:
    mutants = ground.sites.mutants
    if arguments.mutants:
        mutants = mutants_of(ground.seed, arguments.mutants)
    if 0 < arguments.sample < len(mutants):
        mutants = tuple(random.Random(arguments.random).sample(mutants, arguments.sample))
    base = ground.baseline
    setting = Setting(
        ground.seed.suite, ground.environment, ground.seed.tree, base.green, base.durations_s,
        base.reach, arguments.cache / "screens", limits=Limits(timeout_s=arguments.timeout),
        warm=warm, bytecode=ground.bytecode,
    )  # fmt: skip
    watch.stage("preparing the screen")
    with closing(ENGINES[arguments.engine](setting, mutants)) as prepared:
        watch.stage("screening")
        unseen = prepared.unseen
        told = screened(setting, prepared, mutants, arguments.jobs, first_flip=arguments.first_flip)
    watch.stage("end")
    if arguments.plan:
        plan = {
            "tree": str(ground.seed.tree),
            "interpreter": str(ground.environment.interpreter),
            # What cannot be collected has no test to run.
            "tests": [
                reaching(one, base.reach, base.green) if result.ran else []
                for one, (_, result) in zip(mutants, told, strict=True)
            ],
        }
        arguments.plan.write_text(json.dumps(plan))
    rows = [verdict(mutant, *one) for mutant, one in zip(mutants, told, strict=True)]
    told_of = {
        "seed": ground.seed.name,
        "green": len(base.green),
        "suite_s": base.duration_s,
        "stages": watch.seconds,
        "sites": len(ground.sites.mutants),
        "lines": ground.sites.lines,
        "parent_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "unseen": sorted(unseen),
        "verdicts": rows,
    }
    arguments.verdicts.write_text(json.dumps(told_of, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed")
    parser.add_argument("--mutants", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--random", type=int, default=0, help="seed of the sample")
    parser.add_argument("--paths", nargs="*", default=[])
    parser.add_argument("--verdicts", type=Path, required=True)
    parser.add_argument("--plan", type=Path, help="where to write which tests reach which mutant")
    parser.add_argument("--engine", choices=ENGINES, default="fast")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--first-flip", action="store_true")
    parser.add_argument("--test-command")
    parser.add_argument("--python", help="interpreter of a Python seed")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds a mutant may take")
    parser.add_argument("--cache", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
