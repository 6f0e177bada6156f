"""
The trial of one mutant: its suite run warm, then what would be the task proven cold.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.assemble import Draft, assemble
from cab_tasks.baseline import condition
from cab_tasks.bundle import read_bundle
from cab_tasks.judge import Setting, Verdict, judge, lay_tree
from cab_tasks.leakage import bundle_leaks, environment_leaks
from cab_tasks.model import Failure, Outcome, RunEnd, TestOutcome
from cab_tasks.patch import apply_patch
from mutators.base import Refusal, apply_edits
from mutators.registry import bridge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cab_tasks.assemble import TaskOptions, Tree
    from cab_tasks.baseline import Baseline
    from cab_tasks.model import Environment, Mutant, Run, Seed
    from cab_tasks.sandbox import Policy

SMALL_SUITE = 20  # below it, "over half fails" says little; only "all fail" is catastrophic

_ENDS = {
    RunEnd.BUILD_FAILED: Outcome.BUILD_FAILED,
    RunEnd.COLLECTION_ERROR: Outcome.COLLECTION_ERROR,
    RunEnd.NO_TESTS: Outcome.COLLECTION_ERROR,
    RunEnd.TIMEOUT: Outcome.TIMEOUT,
    RunEnd.LIMIT: Outcome.TIMEOUT,
    RunEnd.ERROR: Outcome.ERROR,
}


@dataclass(frozen=True, slots=True)
class Trial:
    """
    What came of one mutant. `broken` maps each green test that no longer passes to how it ended
    (`absent` when it vanished); `failures` tell why; `detail` says why it is no task.
    """

    outcome: Outcome
    broken: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, Failure] = field(default_factory=dict)
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Bench:
    """
    What all trials of one seed share. `tree` is the seed's in memory; `run` runs the suite in a
    folder with a build folder.
    """

    seed: Seed
    environment: Environment
    baseline: Baseline
    tree: Tree
    options: Callable[[Mutant], TaskOptions]
    run: Callable[[Path, Path | None], Run]
    policy: Policy
    cache: Path
    max_broken: float = 0.5
    allow_hangs: bool = False


def try_mutant(bench: Bench, mutant: Mutant, target: Path | None = None) -> Trial:
    """
    Whether a mutant becomes a task: caught by a warm run, and its bundle proven by a cold one.

    `target` is this worker's build folder.
    """
    early = _refused_early(bench, mutant)
    if early is not None:
        return early
    with workspace.scratch() as folder:
        tree = folder / "tree"
        workspace.copy_tree(bench.seed.tree, tree)
        workspace.edit_file(tree, mutant.path, mutant.edits)
        run = bench.run(tree, target)
        trial = classify(
            run, bench.baseline, max_broken=bench.max_broken, allow_hangs=bench.allow_hangs
        )
        if trial.outcome is not Outcome.CAUGHT:
            return trial
        return _prove(bench, mutant, trial, folder / "bundle", target)


def draft_of(bench: Bench, mutant: Mutant, trial: Trial) -> Draft:
    return Draft(
        bench.seed, bench.environment, bench.baseline, mutant, trial, bench.options(mutant)
    )


def _refused_early(bench: Bench, mutant: Mutant) -> Trial | None:
    """
    A mutant whose source does not parse, or is the same program, needs no run.
    """
    data = bench.tree[mutant.path][1]
    parse = bridge(bench.seed.suite.language).parse
    before, after = (parse(text, mutant.path) for text in (data, apply_edits(data, mutant.edits)))
    if isinstance(after, Refusal):
        return Trial(Outcome.BUILD_FAILED, detail=f"does not parse: {after.reason}")
    if before.fingerprint() == after.fingerprint():
        return Trial(Outcome.EQUIVALENT, detail="the same tokens")
    return None


def _prove(bench: Bench, mutant: Mutant, trial: Trial, root: Path, target: Path | None) -> Trial:
    """
    The trial again, from the bundle that it would become: cold, and under another condition.
    """
    files = assemble(draft_of(bench, mutant, trial), bench.tree)
    if isinstance(files, Refusal):
        return replace(trial, outcome=Outcome.ERROR, detail=files.reason)
    workspace.write_tree(root, files)
    bundle = read_bundle(root)
    leaks = [
        *bundle_leaks(bundle),
        *environment_leaks(bundle, bench.environment, bench.cache),
    ]
    if leaks:
        return replace(trial, outcome=Outcome.ERROR, detail=leaks[0])
    setting = Setting(bench.environment, target, bench.policy)
    cold = judge(bundle, {}, setting, condition=condition(1))
    seconds = trial.seconds + cold.run.duration_s
    if cold.verdict is Verdict.INCONCLUSIVE:
        return replace(trial, outcome=Outcome.ERROR, detail=cold.run.detail, seconds=seconds)
    if dict(cold.broken) != dict(trial.broken):
        detail = f"warm and cold differ: {_difference(trial.broken, cold.broken)}"
        return replace(trial, outcome=Outcome.FLAKY, detail=detail, seconds=seconds)
    attempt = apply_patch(bundle.fix(), bundle.source)
    repaired = root.parent / "repaired"
    lay_tree(bundle, attempt, repaired)
    if workspace.tree_hash(repaired) != bench.seed.tree_hash:
        return replace(
            trial, outcome=Outcome.ERROR, detail="repaired tree is not the seed", seconds=seconds
        )
    stable = replace(trial, failures=_stable_failures(trial.failures, cold.run), seconds=seconds)
    if stable.failures == trial.failures:
        return stable
    again = assemble(draft_of(bench, mutant, stable), bench.tree)
    if isinstance(again, Refusal):
        return replace(stable, outcome=Outcome.ERROR, detail=again.reason)
    return stable


def _stable_failures(warm: Mapping[str, Failure], cold: Run) -> dict[str, Failure]:
    """
    The failures with only what both runs say: a prompt must not tell a time or a random name.
    """
    again = {result.id: result.failure for result in cold.results}
    return {test: _common(failure, again.get(test)) for test, failure in sorted(warm.items())}


def _common(one: Failure, other: Failure | None) -> Failure:
    if other is None or one == other:
        return one
    same = set(other.values)
    return replace(
        one,
        message=one.message if one.message == other.message else "",
        values=tuple(pair for pair in one.values if pair in same),
    )


def _difference(warm: Mapping[str, str], cold: Mapping[str, str]) -> str:
    tests = sorted(test for test in {*warm, *cold} if warm.get(test) != cold.get(test))
    shown = ", ".join(f"{t} ({warm.get(t, 'passed')}, {cold.get(t, 'passed')})" for t in tests[:3])
    return shown + (f" and {len(tests) - 3} more" if len(tests) > 3 else "")


def classify(
    run: Run, baseline: Baseline, *, max_broken: float = 0.5, allow_hangs: bool = False
) -> Trial:
    """
    The outcome that one run of a mutant's suite stands for.
    """
    if run.end in _ENDS:
        return Trial(_ENDS[run.end], detail=run.detail, seconds=run.duration_s)
    broken = broken_tests(run, baseline.green)
    failures = {
        result.id: result.failure
        for result in run.results
        if result.id in broken and result.failure is not None
    }
    outcome, detail = _outcome(broken, len(baseline.green), max_broken, allow_hangs=allow_hangs)
    return Trial(outcome, broken, failures, detail, run.duration_s)


def broken_tests(run: Run, green: tuple[str, ...]) -> dict[str, str]:
    """
    Each of `green` that did not pass → its outcome, or `absent`.
    """
    outcomes = run.outcomes()
    return {
        test: outcomes[test].value if test in outcomes else "absent"
        for test in green
        if outcomes.get(test) is not TestOutcome.PASSED
    }


def _outcome(
    broken: Mapping[str, str], green: int, max_broken: float, *, allow_hangs: bool
) -> tuple[Outcome, str]:
    if not broken:
        return Outcome.SURVIVED, ""
    if "timeout" in broken.values() and not allow_hangs:
        return Outcome.TIMEOUT, f"{list(broken.values()).count('timeout')} tests hang"
    limit = green if green < SMALL_SUITE else int(green * max_broken) + 1
    if len(broken) >= limit:
        return Outcome.CATASTROPHIC, f"{len(broken)} of {green} tests fail"
    if not {"failed", "error", "crashed", "timeout"} & set(broken.values()):
        return Outcome.COLLECTION_ERROR, "tests vanish or are skipped, none fails"
    return Outcome.CAUGHT, ""
