"""
The sampler is fair, within its quota, and the same on any number of jobs.
"""

from __future__ import annotations

from collections import Counter, deque

from cab_tasks.model import Mutant, Outcome
from cab_tasks.mutants import Quota, Sampler, is_common
from mutators.base import Edit

CODES = ("python:cond.negate", "python:err.wrong-kind", "python:var.same-type", "python:num.const")


def mutants(each: int) -> list[Mutant]:
    return [
        Mutant(
            mutator=code,
            path=f"m{number % 3}.py",
            edits=(Edit(number, b"a", b"b"),),
            symbol=f"f{number % 7}",
            symbol_lines=(1, 9),
            line=number + 1,
            column=1,
            fingerprint=f"{code}-{number}",
        )
        for code in CODES
        for number in range(each)
    ]


def drive(jobs: int, quota: Quota, seed: int = 1, fails: str = "") -> list[tuple[Mutant, bool]]:
    """
    Everything picked, with whether it became a task; `jobs` trials are under way at a time.
    """
    sampler = Sampler(mutants(30), quota, seed, None)
    running: deque[Mutant] = deque()
    done: list[tuple[Mutant, bool]] = []
    while sum(accepted for _, accepted in done) < quota.count:
        while len(running) < jobs and (mutant := sampler.next()) is not None:
            running.append(mutant)
        if not running:
            break
        mutant = running.popleft()
        caught = mutant.mutator != fails
        sampler.tell(Outcome.CAUGHT if caught else Outcome.SURVIVED, accepted=caught)
        done.append((mutant, caught))
    return done


def test_sampler_picks_the_same_on_any_number_of_jobs() -> None:
    quota = Quota.of(20, 0.4)

    assert drive(1, quota) == drive(2, quota) == drive(quota.lag(), quota)


def test_sampler_picks_otherwise_for_another_seed() -> None:
    quota = Quota.of(20, 0.4)

    assert drive(1, quota, seed=1) != drive(1, quota, seed=2)


def test_sampler_keeps_every_mutator_within_its_share() -> None:
    made = Counter(mutant.mutator for mutant, _ in drive(2, Quota.of(20, 0.25)))

    assert max(made.values()) <= 5


def test_sampler_keeps_common_mutators_to_half() -> None:
    done = drive(2, Quota.of(20, 0.5))

    assert len(done) == 20
    assert sum(is_common(mutant.mutator) for mutant, _ in done) <= 10


def test_sampler_turns_away_from_a_mutator_that_nothing_notices() -> None:
    quota = Quota.of(40, 1.0)

    picked = Counter(m.mutator for m, _ in drive(1, quota, fails="python:err.wrong-kind"))

    assert picked["python:err.wrong-kind"] < picked["python:var.same-type"] / 2


def test_sampler_never_picks_a_mutant_twice() -> None:
    picked = [mutant.fingerprint for mutant, _ in drive(3, Quota.of(100, 1.0))]

    assert len(picked) == len(set(picked))
