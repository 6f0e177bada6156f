"""
The journal: each trial as one line, so that a killed `generate` goes on where it was.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from cab_tasks.model import Failure, Outcome
from cab_tasks.trial import Trial

if TYPE_CHECKING:
    from pathlib import Path


WARM, PROVEN = "warm", "proven"


class Journal:
    """
    Trials by mutant fingerprint, in a file of JSON lines outside `--out`: each one warm, and those
    that were caught once more, proven.

    The file's name holds all that a trial's result depends on; so a line is never stale. A last
    line that a kill cut short is dropped.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._known = dict(_read(path)) if resume and path.is_file() else {}
        _rewrite(path, self._known)
        self._handle = path.open("a", encoding="utf-8")

    def warm(self, fingerprint: str) -> Trial | None:
        return self._known.get((fingerprint, WARM))

    def proven(self, fingerprint: str) -> Trial | None:
        return self._known.get((fingerprint, PROVEN))

    def add(self, fingerprint: str, stage: str, trial: Trial) -> None:
        """
        Append, and hand the line to the system before the call returns: it outlives our death.
        """
        self._known[fingerprint, stage] = trial
        self._handle.write(_line(fingerprint, stage, trial))
        self._handle.flush()

    def close(self) -> None:
        self._handle.close()


def _rewrite(path: Path, known: dict[tuple[str, str], Trial]) -> None:
    """
    Only whole lines, whatever a kill left.
    """
    beside = path.with_suffix(".partial")
    beside.write_text("".join(_line(*name, trial) for name, trial in known.items()), "utf-8")
    beside.replace(path)


def _read(path: Path) -> list[tuple[tuple[str, str], Trial]]:
    found = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            plain = json.loads(line)
        except json.JSONDecodeError:
            continue  # the line that was being written when we were killed
        if "twins" not in plain:
            continue  # of a time before twins
        found.append(((plain["mutant"], plain["stage"]), _trial(plain)))
    return found


def _line(fingerprint: str, stage: str, trial: Trial) -> str:
    plain = {
        "mutant": fingerprint,
        "stage": stage,
        "outcome": trial.outcome.value,
        "broken": dict(trial.broken),
        "failures": {test: asdict(failure) for test, failure in trial.failures.items()},
        "detail": trial.detail,
        "seconds": round(trial.seconds, 3),
        "lane": trial.lane,
        "is_proven": trial.is_proven,
        "differs": trial.differs,
        "twins": dict(trial.twins),
    }
    return json.dumps(plain) + "\n"


def _trial(plain: dict[str, object]) -> Trial:
    failures = {
        test: Failure(**{**one, "values": tuple(tuple(pair) for pair in one["values"])})
        for test, one in plain["failures"].items()  # type: ignore[attr-defined]  # our own line
    }
    return Trial(
        Outcome(str(plain["outcome"])),
        plain["broken"],  # type: ignore[arg-type]  # our own line
        failures,
        str(plain["detail"]),
        float(str(plain["seconds"])),
        str(plain["lane"]),
        bool(plain["is_proven"]),
        str(plain["differs"]),
        twins=plain["twins"],  # type: ignore[arg-type]  # our own line
    )
