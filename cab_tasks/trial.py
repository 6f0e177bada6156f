"""
The trial of one mutant: its suite seen warm, then what would be the task proven cold.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cab_tasks import workspace
from cab_tasks.assemble import Draft, assemble
from cab_tasks.baseline import condition
from cab_tasks.bundle import read_bundle
from cab_tasks.environment import lay_environment_files
from cab_tasks.judge import Setting, Verdict, judge
from cab_tasks.laying import lay_tree
from cab_tasks.leakage import bundle_leaks, environment_leaks
from cab_tasks.model import Failure, Outcome, RunEnd, TestOutcome
from cab_tasks.patch import apply_patch
from cab_tasks.sandbox import Limits
from cab_tasks.suite import run_suite
from cab_tasks.twin_records import twins_plain
from cab_tasks.twinning import find_twins
from mutators.base import Refusal, apply_edits
from mutators.registry import bridge

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cab_tasks.assemble import TaskOptions, Tree
    from cab_tasks.baseline import Baseline
    from cab_tasks.bundle import Bundle
    from cab_tasks.model import Environment, Mutant, Run, Screened, Seed
    from cab_tasks.sandbox import Policy
    from cab_tasks.suite import Bytecode
    from mutators.base import Edit

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

    `lane` is the fast engine's, empty for a plain run. `is_proven` once a cold run agreed;
    `differs` is how it had differed from what the fast engine said; `distrust` is why the fast
    engine was not asked. `twins`, of a proven one, is what goes to the bundle: `facts` for the
    manifest, and `file`, the plain form of twins.json, where there is one.
    """

    outcome: Outcome
    broken: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, Failure] = field(default_factory=dict)
    detail: str = ""
    seconds: float = 0.0
    lane: str = ""
    is_proven: bool = False
    differs: str = ""
    distrust: str = ""
    twins: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bench:
    """
    What all trials of one seed share; it can be pickled. `tree` is the seed's, in memory.

    `summaries` tell what each mutator does; `options` is the author's, alike for all tasks.
    """

    seed: Seed
    environment: Environment
    baseline: Baseline
    tree: Tree
    options: TaskOptions
    summaries: Mapping[str, str]
    policy: Policy
    cache: Path
    max_broken: float = 0.5
    allow_hangs: bool = False
    bytecode: Bytecode | None = None

    def options_for(self, mutant: Mutant) -> TaskOptions:
        mutation = self.options.mutation or self.summaries.get(mutant.mutator, "")
        return replace(self.options, mutation=mutation)


@dataclass(frozen=True, slots=True)
class Proof:
    """
    A proven trial and its bundle's files; `files` is None where the trial became no task.
    """

    trial: Trial
    files: Tree | None = None


def try_plain(bench: Bench, mutant: Mutant, target: Path | None = None) -> Trial:
    """
    What a plain run of the whole suite says, in a copy of the tree; nothing is proven yet.

    `target` is this worker's build folder.
    """
    with workspace.scratch() as folder:
        tree = folder / "tree"
        workspace.copy_tree(bench.seed.tree, tree)
        workspace.edit_file(tree, mutant.path, mutant.edits)
        lay_environment_files(bench.environment, tree)
        run = run_suite(
            bench.seed.suite,
            bench.environment,
            tree,
            limits=Limits(timeout_s=bench.baseline.suite_timeout_s()),
            test_timeout_s=bench.baseline.test_timeout_s(),
            target=target,
            policy=bench.policy,
            bytecode=bench.bytecode,
        )
        return classify(
            run, bench.baseline, max_broken=bench.max_broken, allow_hangs=bench.allow_hangs
        )


def try_screened(bench: Bench, said: Screened, *, with_failures: bool = False) -> Trial:
    """
    What the fast engine's word on a mutant stands for.
    """
    if said.end in _ENDS:
        trial = Trial(_ENDS[said.end], detail=said.detail)
    else:
        broken = {one.id: one.outcome.value for one in said.results}
        green = set(bench.baseline.green)
        broken = {test: broken[test] for test in sorted(broken) if test in green}
        failures = {
            one.id: one.failure
            for one in said.results
            if with_failures and one.id in broken and one.failure is not None
        }
        outcome, detail = _outcome(
            broken, len(green), bench.max_broken, allow_hangs=bench.allow_hangs
        )
        trial = Trial(outcome, broken, failures, detail)
    return replace(trial, seconds=said.duration_s, lane=said.lane.value)


def draft_of(bench: Bench, mutant: Mutant, trial: Trial) -> Draft:
    return Draft(
        bench.seed, bench.environment, bench.baseline, mutant, trial, bench.options_for(mutant)
    )


def refused_early(bench: Bench, mutant: Mutant) -> Trial | None:
    """
    A mutant that is the same program, or does not parse as one, needs no run.
    """
    if not all(_is_layout(edit) for edit in mutant.edits):
        return None
    language = bench.seed.suite.language
    data = bench.tree[mutant.path][1]
    after = bridge(language).parse(apply_edits(data, mutant.edits), mutant.path)
    if isinstance(after, Refusal):
        return Trial(Outcome.BUILD_FAILED, detail=f"does not parse: {after.reason}")
    if _fingerprint(language, mutant.path, data) == after.fingerprint():
        return Trial(Outcome.EQUIVALENT, detail="the same tokens")
    return None


_LAYOUT = re.compile(rb"\s|#[^\n]*|//[^\n]*|\\")


def _is_layout(edit: Edit) -> bool:
    """
    Whether an edit may change white space and comments alone; parsing costs more than most runs.
    """
    return _LAYOUT.sub(b"", edit.old) == _LAYOUT.sub(b"", edit.new)


@functools.lru_cache(maxsize=32)
def _fingerprint(language: str, path: str, data: bytes) -> bytes:
    source = bridge(language).parse(data, path)
    return b"" if isinstance(source, Refusal) else source.fingerprint()


def prove(bench: Bench, mutant: Mutant, trial: Trial, target: Path | None) -> Proof:
    """
    A caught trial again, from the bundle that it would become: cold, under another condition.

    An outcome other than CAUGHT is why there is no task.
    """
    with workspace.scratch() as folder:
        return _prove(bench, mutant, trial, folder / "bundle", target)


def _prove(bench: Bench, mutant: Mutant, trial: Trial, root: Path, target: Path | None) -> Proof:
    files = assemble(draft_of(bench, mutant, trial), bench.tree)
    if isinstance(files, Refusal):
        return Proof(replace(trial, outcome=Outcome.ERROR, detail=files.reason))
    workspace.write_tree(root, files)
    bundle = read_bundle(root)
    leaks = [
        *bundle_leaks(bundle),
        *environment_leaks(bundle, bench.environment, bench.cache),
    ]
    if leaks:
        return Proof(replace(trial, outcome=Outcome.ERROR, detail=leaks[0]))
    setting = Setting(bench.environment, target, bench.policy, bytecode=bench.bytecode)
    cold = judge(bundle, {}, setting, condition=condition(1))
    trial = replace(trial, seconds=trial.seconds + cold.run.duration_s)
    if cold.verdict is Verdict.INCONCLUSIVE:
        return Proof(replace(trial, outcome=Outcome.ERROR, detail=cold.run.detail))
    if dict(cold.broken) != dict(trial.broken):
        differs = _difference(trial.broken, cold.broken)
        detail = f"warm and cold differ: {differs}"
        return Proof(replace(trial, outcome=Outcome.FLAKY, detail=detail, differs=differs))
    attempt = apply_patch(bundle.fix(), bundle.source)
    repaired = root.parent / "repaired"
    lay_tree(bundle, attempt, repaired)
    if workspace.tree_hash(repaired) != bench.seed.tree_hash:
        return Proof(replace(trial, outcome=Outcome.ERROR, detail="repaired tree is not the seed"))
    lay_environment_files(bench.environment, repaired)
    failures = _stable_failures(trial.failures, cold.run)
    twins = _twins(bundle, repaired, setting, failures)
    return _proven(bench, mutant, replace(trial, failures=failures, twins=twins))


def _twins(
    bundle: Bundle, repaired: Path, setting: Setting, failures: Mapping[str, Failure]
) -> dict[str, Any]:
    found = find_twins(bundle, repaired, setting, failures)
    facts = {"facts": found.facts.model_dump(mode="json")}
    return facts if found.twins is None else facts | {"file": twins_plain(found.twins)}


def _proven(bench: Bench, mutant: Mutant, trial: Trial) -> Proof:
    """
    Put together again: with only those words about failures that both runs said (which may leave
    no symptom to tell), and with twins.
    """
    stable = replace(trial, is_proven=True)
    again = assemble(draft_of(bench, mutant, stable), bench.tree)
    if isinstance(again, Refusal):
        return Proof(replace(stable, outcome=Outcome.ERROR, detail=again.reason))
    return Proof(stable, again)


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
