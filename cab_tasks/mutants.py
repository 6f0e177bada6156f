"""
Which mutant to try next: spread over mutators, files and functions, and learning from outcomes.

Everything here is a pure function of the seed number and of outcomes in sampling order, so the
choice is the same on any number of jobs.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks.model import Outcome
from mutators.base import BUG_SHARE, STATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cab_tasks.model import Mutant, Reach

# Outcomes of the newest picks are not looked at: they may still be running. How many depends on
# the tasks wanted, never on the number of jobs, so that --jobs changes nothing but the time.
LEAST_LAG, LAG_SHARE = 8, 3
PRIOR_CAUGHT, PRIOR_TRIED = 1.7, 2.0  # a mutator starts as if 85 of 100 were caught
DEFAULT_SHARE = 2.0  # percent, for ids that no field study counts


@dataclass(frozen=True, slots=True)
class Quota:
    """
    What a set of tasks may be made of: `count` tasks, at most `per_mutator` of one mutator,
    at most `common` of mutators that every tool has.
    """

    count: int
    per_mutator: int
    common: int

    @classmethod
    def of(cls, count: int, max_share: float, *, common_share: float = 0.5) -> Quota:
        per_mutator = max(1, math.floor(count * max_share + 1e-9))
        return cls(count, per_mutator, max(1, math.floor(count * common_share + 1e-9)))

    def lag(self) -> int:
        """
        How many picks may be without an outcome at any time.
        """
        return max(LEAST_LAG, self.count // LAG_SHARE)


def is_common(code: str) -> bool:
    return STATE.get(code.split(":", 1)[1], "new") == "common"


class Sampler:
    """
    Gives mutants one by one; is told each outcome in the order of its picks.
    """

    def __init__(
        self, mutants: Sequence[Mutant], quota: Quota, seed: int, reach: Reach | None
    ) -> None:
        self._quota = quota
        self._seed = seed
        self._left: dict[str, list[Mutant]] = defaultdict(list)
        suite = len(_reaching(reach)) if reach else 0
        self._weights = {
            mutant.fingerprint: _site_weight(mutant, reach, suite) for mutant in mutants
        }
        for mutant in mutants:
            self._left[mutant.mutator].append(mutant)
        self._picked: list[Mutant] = []
        self._outcomes: list[tuple[Outcome, bool]] = []  # (outcome, became a task)
        self._files: Counter[str] = Counter()  # of picks, like the next one
        self._symbols: Counter[tuple[str, str]] = Counter()
        self._counted = 0  # outcomes that are in the next three
        self._tried: Counter[str] = Counter()
        self._caught: Counter[str] = Counter()
        self._tasks: Counter[str] = Counter()

    def tell(self, outcome: Outcome, *, accepted: bool) -> None:
        """
        The outcome of the oldest pick that was not told yet.
        """
        self._outcomes.append((outcome, accepted))

    def next(self) -> Mutant | None:
        """
        The next mutant to try, None when no candidate can become a task any more.
        """
        known = max(0, len(self._picked) - self._quota.lag() + 1)
        if len(self._outcomes) < known:
            raise ValueError(f"pick {len(self._picked)} needs {known} outcomes first")
        rng = random.Random(f"{self._seed}:{len(self._picked)}")
        weights = self._mutator_weights(known)
        if not weights:
            return None
        code = rng.choices(list(weights), list(weights.values()))[0]
        mutant = self._left[code].pop(self._choose_site(code, rng))
        self._picked.append(mutant)
        self._files[mutant.path] += 1
        self._symbols[mutant.path, mutant.symbol] += 1
        return mutant

    def _count(self, known: int) -> None:
        """
        Take outcomes into account, up to the `known`-th pick.
        """
        for at in range(self._counted, known):
            code, (outcome, accepted) = self._picked[at].mutator, self._outcomes[at]
            self._tried[code] += 1
            self._caught[code] += outcome is Outcome.CAUGHT
            self._tasks[code] += accepted
        self._counted = known

    def _mutator_weights(self, known: int) -> dict[str, float]:
        """
        Code → weight of every mutator with candidates and room in the quota.
        """
        self._count(known)
        hoped = Counter(mutant.mutator for mutant in self._picked[known:])
        tasks = self._tasks + hoped
        common = sum(number for code, number in tasks.items() if is_common(code))
        weights = {}
        for code in sorted(self._left):
            if not self._left[code] or tasks[code] >= self._quota.per_mutator:
                continue
            if is_common(code) and common >= self._quota.common:
                continue
            kill_yield = (self._caught[code] + PRIOR_CAUGHT) / (self._tried[code] + PRIOR_TRIED)
            share = BUG_SHARE.get(code.split(":", 1)[1], DEFAULT_SHARE)
            # Cubed: 9 of 10 against 5 of 10 is the difference between a good and a bad source.
            weights[code] = math.sqrt(share) * kill_yield**3 / (1 + tasks[code])
        return weights

    def _choose_site(self, code: str, rng: random.Random) -> int:
        """
        Where in its list the chosen mutant of a mutator stands.
        """
        weights = [
            self._weights[mutant.fingerprint]
            / (1 + self._files[mutant.path]) ** 0.5
            / (1 + self._symbols[mutant.path, mutant.symbol]) ** 2
            for mutant in self._left[code]
        ]
        return rng.choices(range(len(weights)), weights)[0]


def _reaching(reach: Reach) -> set[str]:
    """
    All tests that execute some line.
    """
    return set().union(*reach.distinct().values())


def _site_weight(mutant: Mutant, reach: Reach | None, suite: int) -> float:
    """
    More for code that more tests execute: the more run it, the likelier one notices.

    Much less where over half of the suite does: what breaks there breaks everything.
    """
    tests = len(reach.tests.get((mutant.path, mutant.line), ())) if reach else 0
    return (1.0 + math.log2(1 + tests)) * (0.2 if tests > suite / 2 > 0 else 1.0)
