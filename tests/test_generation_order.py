"""
The loop of generate(), with results in an order that real runs seldom have.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from cab_tasks import pipeline
from cab_tasks.assemble import TaskOptions
from cab_tasks.baseline import Baseline
from cab_tasks.ground import Ground, Request
from cab_tasks.journal import PROVEN, WARM, Journal
from cab_tasks.model import Environment, Mutant, Outcome, Seed, SuiteSpec
from cab_tasks.sandbox import Policy
from cab_tasks.sites import Sites
from cab_tasks.trial import Bench, Proof, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest

CAUGHT = Trial(Outcome.CAUGHT, {"t1": "failed"}, lane="fast")


class Told:
    """
    An executor whose results are ready in a given order of (stage, place of the pick).
    """

    workers = 2

    def __init__(self, order: Iterable[tuple[str, int]]) -> None:
        self._order = deque(order)
        self._picks: list[str] = []
        self.sent: list[tuple[str, str]] = []

    def submit(self, key: Any, call: object, *arguments: object) -> None:
        self.sent.append(key)
        if key[0] == WARM:
            self._picks.append(key[1])

    def next(self) -> tuple[Any, Any]:
        stage, place = self._order.popleft()
        key = (stage, self._picks[place])
        assert key in self.sent
        return key, CAUGHT if stage == WARM else Proof(CAUGHT, {})


class Quiet:
    def stage(self, what: str) -> None: ...
    def warning(self, text: str) -> None: ...
    def started(self, mutant: Mutant) -> None: ...
    def ended(self, tried: object) -> None: ...


def test_a_proof_that_ends_after_its_pick_was_settled_as_a_twin_is_kept_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = Seed("s", "s", "", "", tmp_path, "", "MIT", SuiteSpec("python", "pytest", ("pytest",)))
    mutants = tuple(
        Mutant("python:cond.negate", "a.py", (), "f", (1, 1), 1, 1, name) for name in "jkl"
    )
    request = Request("s", tmp_path, tmp_path, (), count=3, max_share=1.0, common_share=1.0)
    base = Baseline(("t1",), {}, 1.0, 1.0)
    environment = Environment("python", "k", tmp_path, "cpython")
    ground = Ground(seed, environment, base, Sites(mutants, 1, 1))
    bench = Bench(seed, environment, base, {}, TaskOptions(), {}, Policy.AUTO, tmp_path)
    journal = Journal(tmp_path / "j.jsonl", resume=False)
    monkeypatch.setattr(pipeline, "_write_task", lambda *_: tmp_path / "task")
    told = Told([(WARM, 1), (WARM, 0), (PROVEN, 0), (PROVEN, 1), (WARM, 2)])

    report = pipeline._Generation(request, ground, bench, journal, Quiet(), told).run()
    journal.close()

    assert [one.outcome for one in report.tried] == [
        Outcome.CAUGHT, Outcome.DUPLICATE, Outcome.DUPLICATE,
    ]  # fmt: skip
    again = Journal(tmp_path / "j.jsonl", resume=True)
    assert sum(again.proven(name) is not None for name in "jkl") == 2
    again.close()
