"""
Valid tasks a minute, from nothing: `cab-tasks generate` against the plain way on the same mutants.

    python bench/plain_way.py [toolz semver] [--count 25] [--runs 3] [--most 0] [--from PATTERN]

The plain way takes the mutants that `generate` tried, in its order and one after the other: copy
the tree, edit, the whole suite by the repository's own command; a caught one is run a second time,
and the repaired tree once. It has the environment for nothing, and one warm build folder. With
`--most N` it stops after N mutants and the rest is reckoned at their mean.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _common import CACHE, Record, in_turn, median, median_ratio, options, table
from _sources import FROM, clone, committed
from _timed import timed

from cab_tasks.environment import build_environment, lay_environment_files
from cab_tasks.ground import Request, list_sites
from cab_tasks.seed import take_seed
from cab_tasks.workspace import edit_file
from mutators.registry import built_in

if TYPE_CHECKING:
    from cab_tasks.model import Environment, Mutant, Seed

NAME = "plain-way"
SUBJECTS = ("toolz", "semver")
CAB = (sys.executable, "-m", "cab_tasks")
HOME = CACHE / NAME / "cache"
LIMIT_S = 120.0  # of one plain run of the suite; `generate` allows as much
# What the environment is, and nothing of what a run of `generate` finds out.
KEPT = ("environments", "trees", "uv", "copies", "setups")


def from_nothing(tree: Path, count: int) -> dict[str, Any]:
    for folder in HOME.iterdir():
        if folder.name not in KEPT:
            shutil.rmtree(folder)
    out = CACHE / NAME / "tasks"
    shutil.rmtree(out, ignore_errors=True)
    words = [*CAB, "generate", tree, "--out", out, "--count", count, "--json", "-q"]
    taken = timed(words, env={"CAB_TASKS_CACHE": str(HOME)})
    told = [json.loads(line) for line in taken.stdout.splitlines()]
    trials = [one for one in told if one["type"] == "trial"]
    tasks = sum(one["task"] is not None for one in trials)
    checked = timed(
        [*CAB, "validate", out, "--json"], env={"CAB_TASKS_CACHE": str(HOME)}, fine=(0, 1)
    )
    verdicts = [json.loads(line) for line in checked.stdout.splitlines()]
    valid = sum(one.get("verdict") == "valid" for one in verdicts)
    return {
        **taken.figures(),
        "tasks": tasks,
        "valid": valid,
        "a_minute": round(60 * valid / taken.seconds, 3),
        "tried": [one["fingerprint"] for one in trials],
        "outcomes": {one["fingerprint"]: one["outcome"] for one in trials},
        "disagreements": next(one["disagreements"] for one in told if one["type"] == "summary"),
    }


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What the plain way is given: the seed, its environment, every mutant by its fingerprint.
    """

    seed: Seed
    environment: Environment
    mutants: dict[str, Mutant]
    edited: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, tree: Path) -> Ground:
        seed = take_seed(str(tree), cache=HOME)
        every = (*built_in("python"), *built_in("rust"))
        request = Request(seed=str(tree), out=HOME / "out", cache=HOME, mutators=every)
        mutants = {one.fingerprint: one for one in list_sites(request)}
        return cls(seed, build_environment(seed, HOME), mutants)

    def suite(self, folder: Path) -> bool:
        """
        Whether the suite passes, by the repository's own command.
        """
        root, spec = self.environment.root, self.seed.suite
        more = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
        if spec.language == "rust":
            target = folder.parent / "target"
            more = {"CARGO_HOME": str(root), "CARGO_TARGET_DIR": str(target)}
        environment = {**os.environ, **more, **dict(spec.env)}
        try:
            done = subprocess.run(
                spec.command, cwd=folder, env=environment, capture_output=True, timeout=LIMIT_S,
                stdin=subprocess.DEVNULL, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def passes(self, place: Path, mutant: Mutant | None) -> bool:
        tree = place / "tree"  # one path for all: compilers then build only what changed
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(self.seed.tree, tree, symlinks=True)
        lay_environment_files(self.environment, tree)
        if mutant is not None:
            edit_file(tree, mutant.path, mutant.edits)
            self.edited.add(mutant.path)
        for path in self.edited:  # cargo trusts times: a file put back must look new to it, too
            (tree / path).touch()
        return self.suite(tree)


def plainly(ground: Ground, done: dict[str, Any], most: int) -> dict[str, Any]:
    tried = done["tried"][:most] if most else done["tried"]
    caught = 0
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        started = time.monotonic()
        if not ground.passes(place, None):
            raise SystemExit(f"{ground.seed.name}: its suite is red by its own command")
        baseline_s = time.monotonic() - started
        for fingerprint in tried:
            mutant = ground.mutants[fingerprint]
            if ground.passes(place, mutant):
                continue
            caught += not ground.passes(place, mutant) and ground.passes(place, None)
        in_mutants_s = time.monotonic() - started - baseline_s
    seconds = baseline_s + in_mutants_s * len(done["tried"]) / len(tried)
    # Tasks are as many as ours: it tries the same mutants, and twins and trivial ones fall out.
    return {
        "seconds": round(seconds, 3),
        "measured": len(tried),
        "caught": caught,
        "tasks": done["valid"],
        "a_minute": round(60 * done["valid"] / seconds, 3),
    }


HEADINGS = (
    "repository", "mutants tried", "valid tasks", "generate s", "plain way s",
    "valid tasks a minute", "the plain way's", "times faster",
)  # fmt: skip


def markdown(out: Path) -> str:
    runs = Record.open(out, NAME).runs
    rows = []
    for name in dict.fromkeys(run["key"].partition(", ")[0] for run in runs):
        own, plain = (
            [run for run in runs if run["key"].startswith(f"{name}, {side} #")]
            for side in ("generate", "plain way")
        )
        if own and len(own) == len(plain):
            rows.append([
                name, len(own[0]["tried"]), f"{own[0]['valid']}/{own[0]['tasks']}",
                f"{median(own, 'seconds'):.0f}", f"{median(plain, 'seconds'):.0f}",
                f"{median(own, 'a_minute'):.1f}", f"{median(plain, 'a_minute'):.2f}",
                f"{median_ratio(plain, own, 'seconds'):.1f}",
            ])  # fmt: skip
    return table(HEADINGS, rows)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("subjects", nargs="*", default=SUBJECTS)
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--from", dest="pattern", default=FROM)
    arguments = parser.parse_args()
    record = Record.open(arguments.out, NAME)
    for name in arguments.subjects:
        tree = CACHE / NAME / name
        if not tree.is_dir():
            clone(name, tree, arguments.pattern)
            if name == "toolz":  # it asks for the version of an installed toolz
                Path(tree, "toolz/tests/test_package.py").unlink()
                committed(tree, "Leave out what needs an installed package")
        ground = Ground.of(tree)
        sides = {
            f"{name}, generate": lambda _, tree=tree: from_nothing(tree, arguments.count),
            f"{name}, plain way": lambda done, ground=ground, name=name: plainly(
                ground, done[f"{name}, generate"], arguments.most
            ),
        }
        in_turn(record, arguments.runs, sides)
    print("\n" + markdown(arguments.out))


if __name__ == "__main__":
    main()
