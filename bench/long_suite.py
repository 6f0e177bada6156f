"""
A library whose suite runs over ten seconds: mutmut and cosmic-ray against our fast engine.

    python bench/long_suite.py [--sample 100] [--cosmic 15] [--runs 3]

Samples of the peers' own mutants, drawn at random with a fixed seed; each goes through its maker
and through us. Of mutmut and of us the whole run is timed (both run the suite several times
before the first mutant), of cosmic-ray only its mutants. One worker.
"""

from __future__ import annotations

import json
import random
import shutil
from typing import Any

import _cosmic
import _engine
import _mutmut
import peers
from _common import CACHE, Record, in_turn, median, median_ratio, options, table
from _sources import sdist

NAME = "long-suite"
SUBJECT = ("more-itertools", "11.2.1")
MODULES = ["more_itertools/more.py", "more_itertools/recipes.py"]
COMMAND = "python -m pytest tests"
PYTHON = "3.12"  # tracing lines, as our baseline does, takes minutes before sys.monitoring
OPTIONS = ("--test-command", COMMAND, "--python", PYTHON)
COSMIC_LIMIT_S = 120.0  # several times the suite, as cosmic-ray's own baseline would propose
WORK = CACHE / NAME
OURS, MUTMUT, COSMIC = (WORK / side for side in ("ours", "mutmut", "cosmic-ray"))
SAMPLE, COSMIC_SAMPLE = WORK / "sample.json", WORK / "cosmic-sample.json"


def set_up(sample: int) -> None:
    if not SAMPLE.is_file():
        for tree in (OURS, MUTMUT, COSMIC):
            shutil.rmtree(tree, ignore_errors=True)
            shutil.copytree(sdist(*SUBJECT), tree)
        settings = {
            "source_paths": ["more_itertools"],
            "only_mutate": MODULES,
            "pytest_add_cli_args_test_selection": ["tests"],
        }
        _mutmut.configure(MUTMUT, settings)
        SAMPLE.write_text("[]")
    mutants = _mutmut.export(MUTMUT, WORK / "all.json", PYTHON)
    chosen = random.Random(0).sample(mutants, min(sample, len(mutants)))
    SAMPLE.write_text(json.dumps(chosen))
    _engine.warm_up(OURS, SAMPLE, *OPTIONS)


def mutmut() -> dict[str, Any]:
    names = [one["name"] for one in json.loads(SAMPLE.read_text())]
    taken, told = _mutmut.run_mutmut(MUTMUT, 1, names, PYTHON)
    in_mutants = sum(told["seconds"].get(name) or 0.0 for name in names)
    return {
        **_mutmut.figures(taken, told),
        "in_mutants_s": round(in_mutants, 3),
        "verdicts": _mutmut.verdicts(told),
    }


def cosmic_ray(sample: int) -> dict[str, Any]:
    taken, mutants = _cosmic.run_cosmic_ray(
        COSMIC, MODULES, "tests", sample, COSMIC_LIMIT_S, PYTHON
    )
    COSMIC_SAMPLE.write_text(
        json.dumps([{key: one[key] for key in ("name", "path", "edits")} for one in mutants])
    )
    return {
        **taken.figures(),
        "mutants": len(mutants),
        "hanging": sum(one["hangs"] for one in mutants),
        "noticed": sum(one["noticed"] for one in mutants),
        "verdicts": {one["name"]: one["noticed"] for one in mutants},
    }


def ours(mutants: Any, peer: dict[str, Any], *more: str) -> dict[str, Any]:
    verdicts = WORK / "verdicts.json"
    taken, told = _engine.run_engine(OURS, verdicts, "--mutants", mutants, *OPTIONS, *more)
    row = _engine.figures(taken, told)
    return {
        **row,
        "in_mutants_s": round(sum(one["seconds"] for one in told["verdicts"]), 3),
        "disagree": _engine.disagreements(told, peer["verdicts"]),
    }


HEADINGS = ("peer", "mutants", "figure", "peer's", "ours", "ratio", "verdicts that differ")


def markdown(out: Any) -> str:
    record = Record.open(out, NAME)
    sides = ("mutmut", "mutmut: ours", "mutmut: first flip", "cosmic-ray", "cosmic-ray: ours")
    found = {
        side: [run for run in record.runs if run["key"].startswith(f"{side} #")] for side in sides
    }
    rows: list[list[object]] = []
    for side, peer in (("mutmut: ours", "mutmut"), ("mutmut: first flip", "mutmut")):
        for figure in ("seconds", "in_mutants_s", "cpu_s"):
            rows += _row(side, found[peer], found[side], figure)
    rows += _row("cosmic-ray: ours", found["cosmic-ray"], found["cosmic-ray: ours"], "cpu_s")
    rows += _row("cosmic-ray: ours", found["cosmic-ray"], found["cosmic-ray: ours"], "seconds")
    return table(HEADINGS, rows)


def _row(side: str, peer: list[dict], own: list[dict], figure: str) -> list[list[object]]:
    if not own or len(peer) != len(own):
        return []
    return [[
        side, own[0]["mutants"], figure, f"{median(peer, figure):.1f}",
        f"{median(own, figure):.1f}", f"{median_ratio(peer, own, figure):.1f}",
        max(len(run["disagree"]) for run in own),
    ]]  # fmt: skip


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--cosmic", type=int, default=15)
    arguments = parser.parse_args()
    peers.install("mutmut", PYTHON)
    peers.install("cosmic-ray", PYTHON)
    set_up(arguments.sample)
    record = Record.open(arguments.out, NAME)
    sides = {
        "mutmut": lambda _: mutmut(),
        "mutmut: ours": lambda done: ours(SAMPLE, done["mutmut"]),
        "mutmut: first flip": lambda done: ours(SAMPLE, done["mutmut"], "--first-flip"),
        "cosmic-ray": lambda _: cosmic_ray(arguments.cosmic),
        "cosmic-ray: ours": lambda done: ours(COSMIC_SAMPLE, done["cosmic-ray"]),
    }
    in_turn(record, arguments.runs, sides)
    print("\n" + markdown(arguments.out))


if __name__ == "__main__":
    main()
