"""
The journal: each trial as one line, so that a killed `generate` goes on where it was.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from cab_tasks.model import Failure, Outcome
from cab_tasks.trial import Trial

if TYPE_CHECKING:
    from pathlib import Path


class Journal:
    """
    Trials by mutant fingerprint, in a file of JSON lines outside `--out`.

    The file's name holds all that a trial's result depends on; so a line is never stale. A last
    line that a kill cut short is dropped.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._known = dict(_read(path)) if resume and path.is_file() else {}
        _rewrite(path, self._known)
        self._handle = path.open("a", encoding="utf-8")

    def get(self, fingerprint: str) -> Trial | None:
        return self._known.get(fingerprint)

    def add(self, fingerprint: str, trial: Trial) -> None:
        """
        Append, and hand the line to the disk before the call returns.
        """
        self._known[fingerprint] = trial
        self._handle.write(_line(fingerprint, trial))
        self._handle.flush()
        os.fsync(self._handle.fileno())

    def close(self) -> None:
        self._handle.close()


def _rewrite(path: Path, known: dict[str, Trial]) -> None:
    """
    Only whole lines, whatever a kill left.
    """
    beside = path.with_suffix(".partial")
    beside.write_text("".join(_line(name, trial) for name, trial in known.items()), "utf-8")
    beside.replace(path)


def _read(path: Path) -> list[tuple[str, Trial]]:
    found = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            plain = json.loads(line)
        except json.JSONDecodeError:
            continue  # the line that was being written when we were killed
        found.append((plain["mutant"], _trial(plain)))
    return found


def _line(fingerprint: str, trial: Trial) -> str:
    plain = {
        "mutant": fingerprint,
        "outcome": trial.outcome.value,
        "broken": dict(trial.broken),
        "failures": {test: asdict(failure) for test, failure in trial.failures.items()},
        "detail": trial.detail,
        "seconds": round(trial.seconds, 3),
    }
    return json.dumps(plain, ensure_ascii=False) + "\n"


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
    )
