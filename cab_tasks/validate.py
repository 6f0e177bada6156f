"""
The proof again: broken fails, repaired passes, cheats do not pass, nothing leaks.

Knows nothing of how a bundle was made; works on bundles written by hand.
"""

from __future__ import annotations

import errno
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks import workspace
from cab_tasks.baseline import condition
from cab_tasks.bundle import Bundle, read_bundle
from cab_tasks.bundle_environment import environment_of
from cab_tasks.errors import (
    BundleError,
    CabError,
    SandboxError,
    SeedEnvironmentError,
    TimeLimitError,
)
from cab_tasks.judge import Judgement, RunCache, Setting, Verdict, laid
from cab_tasks.leakage import bundle_leaks, environment_leaks
from cab_tasks.patch import apply_patch, hunk_count, hunk_lines
from cab_tasks.sandbox import Policy
from cab_tasks.twin_records import blind_count, forge_chance
from cab_tasks.workspace import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


SHOWN = 5  # tests named in one reason
_OF_MACHINE = (SandboxError, SeedEnvironmentError, TimeLimitError)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Validation:
    """
    `verdict` is valid, invalid or inconclusive; `reasons` say why not valid, `notes` what is
    missing without making it invalid.
    """

    path: str
    task_id: str
    verdict: str
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    digest: str = ""
    failing: int = 0
    runs: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class _Proof:
    """
    One bundle under proof, and what was found so far.
    """

    bundle: Bundle
    setting: Setting
    repeat: int
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # of the machine: the verdict is inconclusive
    runs: int = 0

    def judge(self, attempt: Mapping[str, bytes | None]) -> Judgement:
        with self.laid(attempt) as judged:
            return judged(0)

    @contextmanager
    def laid(self, attempt: Mapping[str, bytes | None]) -> Iterator[Callable[[int], Judgement]]:
        """
        The judge of an attempt, for any number of runs: each number has its own condition.
        """
        with laid(self.bundle, attempt, self.setting) as under:

            def judged(number: int) -> Judgement:
                self.runs += 1
                made = under(condition(number))
                if made.verdict is Verdict.INCONCLUSIVE:
                    self.faults.append(f"run could not be made: {made.run.detail}")
                return made

            yield judged


def validate(
    root: Path,
    cache: Path,
    *,
    repeat: int = 3,
    target: Path | None = None,
    policy: Policy = Policy.AUTO,
    runs: RunCache | None = None,
) -> Validation:
    """
    The verdict on one bundle; nothing in the bundle is changed.
    """
    started = time.monotonic()
    try:
        bundle = read_bundle(root)
    except (BundleError, OSError) as error:
        return Validation(str(root), "", _verdict_of(error), (str(error),))
    try:
        environment = environment_of(bundle, cache, policy)
    except (CabError, LinkError, OSError) as error:
        task_id = bundle.manifest.task_id
        return Validation(str(root), task_id, _verdict_of(error), (str(error),))
    proof = _Proof(bundle, Setting(environment, target, policy, runs), repeat)
    try:
        _prove(proof, cache)
    except (CabError, LinkError, OSError) as error:
        is_fault = _verdict_of(error) == "inconclusive"
        (proof.faults if is_fault else proof.reasons).append(str(error))
    return _verdict(proof, started)


def _prove(proof: _Proof, cache: Path) -> None:
    for check in _CHECKS:
        check(proof)
        if proof.faults:
            return
    environment = proof.setting.environment
    proof.reasons += bundle_leaks(proof.bundle)
    proof.reasons += environment_leaks(proof.bundle, environment, cache)


def _verdict_of(error: Exception) -> str:
    """
    What an error that ends the proof says: of the machine, nothing of the bundle.
    """
    is_full = isinstance(error, OSError) and error.errno in _FULL
    return "inconclusive" if is_full or isinstance(error, _OF_MACHINE) else "invalid"


def _check_digests(proof: _Proof) -> None:
    root = proof.bundle.root
    path = root / format_.DIGESTS
    if not path.is_file():
        proof.notes.append(f"no {format_.DIGESTS}: nothing says what the author proved")
        return
    said = set(path.read_bytes().splitlines())
    found = set(format_.digest_lines(root).splitlines())
    for line in sorted(said ^ found):
        name = line.split(b"  ", 2)[-1].decode("utf-8", "replace")
        text = f"digest differs: {name}"
        if text not in proof.reasons:
            proof.reasons.append(text)


def _check_evidence(proof: _Proof) -> None:
    if proof.bundle.evidence is None:
        proof.notes.append(f"no {format_.EVIDENCE}: written by hand")
        return
    tests = proof.bundle.tests
    recorded = set(proof.bundle.evidence.get("broken", {}).get("exceptions", {}))
    listed = {*tests.fail_to_pass, *tests.absent_to_pass, *tests.skip_to_pass}
    if recorded != listed:
        proof.reasons.append("evidence and tests.json tell different failing tests")


def _check_broken(proof: _Proof) -> None:
    """
    The do-nothing attempt: it fails, each time, exactly as recorded.
    """
    expected = _expected_broken(proof.bundle)
    if not expected:
        proof.reasons.append("no test fails before the fix; tests.json lists none")
    with proof.laid({}) as judged:
        for number in range(proof.repeat):
            made = judged(number)
            if made.verdict is Verdict.PASS:
                proof.reasons.append("the do-nothing attempt passes")
            kinds = {test: _kind(outcome) for test, outcome in made.broken.items()}
            if kinds != expected:
                where = f"broken, run {number + 1}"
                proof.reasons.append(_difference(where, expected, kinds, made.run.detail))
                return


def _check_repaired(proof: _Proof) -> None:
    fixed = apply_patch(proof.bundle.fix(), proof.bundle.source)
    with proof.laid(fixed) as judged:
        for number in range(proof.repeat):
            made = judged(number)
            if made.verdict is not Verdict.PASS and made.verdict is not Verdict.INCONCLUSIVE:
                detail = "; ".join(made.findings) or _named(made.broken) or _why(made)
                proof.reasons.append(f"repaired, run {number + 1}: does not pass: {detail}")
                return


def _why(made: Judgement) -> str:
    """
    What else ended badly: right copies of the twins, else the run.
    """
    return (made.twins.reason() if made.twins is not None else "") or made.run.detail


def _check_twins(proof: _Proof) -> None:
    """
    The manifest tells what the twins are worth; a task without any is told as such.
    """
    tests, twins = proof.bundle.manifest.tests, proof.bundle.twins()
    facts = tests.twins
    if twins is None and proof.bundle.evidence is not None:
        proof.notes.append("no must-fail twins: what forges test results may pass")
    said = facts.forge_chance if facts is not None else 1.0
    known = forge_chance(twins, visible=tests.visibility == "visible")
    if said != known:
        proof.reasons.append(
            f"tests.twins.forge_chance is {said}, by the twins and what is visible it is {known}"
        )
    told = facts.blind if facts is not None else 0
    if told != blind_count(twins):
        proof.reasons.append(
            f"tests.twins.blind is {told}, by the twins it is {blind_count(twins)}"
        )


def _check_hunks(proof: _Proof) -> None:
    """
    Every hunk is necessary: the fix without it does not pass.
    """
    fix = proof.bundle.fix()
    count = hunk_count(fix)
    for left_out in range(count) if count > 1 else ():
        attempt = apply_patch(fix, proof.bundle.source, without=left_out)
        if proof.judge(attempt).verdict is Verdict.PASS:
            proof.reasons.append(f"hunk {left_out + 1} of the fix is not needed to pass")


def _check_expected_changes(proof: _Proof) -> None:
    expected = proof.bundle.manifest.expected_changes
    for path, runs in hunk_lines(proof.bundle.fix()).items():
        spans = [change.lines for change in expected if change.path == path]
        for first, last in runs:
            if not any(low <= first and last <= high for low, high in spans):
                proof.reasons.append(f"the fix changes {path}:{first}, outside expected_changes")


def _check_edited_tests(proof: _Proof) -> None:
    """
    An attempt that edits every test it sees, and plants tests and configuration, must not pass.
    """
    made = proof.judge(dict(_edited_tests(proof.bundle)))
    if made.verdict is Verdict.PASS:
        proof.reasons.append("an attempt that only edits tests passes")


_CHECKS: tuple[Callable[[_Proof], None], ...] = (
    _check_digests,
    _check_evidence,
    _check_expected_changes,
    _check_broken,
    _check_repaired,
    _check_twins,
    _check_hunks,
    _check_edited_tests,
)

_CHEAT = {
    ".py": b"import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\n"
    b"def pytest_runtest_makereport(item, call):\n    made = yield\n"
    b"    made.get_result().outcome = 'passed'\n\n\ndef test_nothing():\n    pass\n",
    ".rs": b"#[test]\nfn nothing() {}\n",
    ".go": b'package main\n\nimport (\n\t"os"\n\t"testing"\n)\n\n'
    b"func TestMain(m *testing.M) { os.Exit(0) }\n",
    ".java": b"class Nothing {\n    public static void main(String[] words) {}\n}\n",
    ".sh": b"exit 0\n",
}


def _edited_tests(bundle: Bundle) -> Iterator[tuple[str, bytes | None]]:
    language = bundle.manifest.language
    hidden = bundle.root / format_.HIDDEN_TESTS
    for path in workspace.paths(hidden) if hidden.is_dir() else ():
        if cheat := _CHEAT.get(PurePosixPath(path).suffix):
            yield path, cheat
    if language == "python":
        yield "conftest.py", _CHEAT[".py"]
    for module in {one.path for one in bundle.manifest.tests.infile}:
        data = bundle.source(module) or b""
        yield module, data.replace(b"assert_eq!(", b"let _ = (").replace(b"assert!(", b"let _ = (")


def _expected_broken(bundle: Bundle) -> dict[str, str]:
    tests = bundle.tests
    kinds = (
        ("fails", tests.fail_to_pass),
        ("absent", tests.absent_to_pass),
        ("skipped", tests.skip_to_pass),
    )
    return {test: kind for kind, names in kinds for test in names}


def _kind(outcome: str) -> str:
    return outcome if outcome in ("absent", "skipped") else "fails"


def _difference(
    where: str, expected: Mapping[str, str], found: Mapping[str, str], detail: str
) -> str:
    odd = sorted(test for test in {*expected, *found} if expected.get(test) != found.get(test))
    told = ", ".join(
        f"{test} ({expected.get(test, 'passes')} expected, {found.get(test, 'passes')} found)"
        for test in odd[:SHOWN]
    )
    more = f" and {len(odd) - SHOWN} more" if len(odd) > SHOWN else ""
    return f"{where}: not as recorded: {told}{more}" + (f"; {detail}" if detail else "")


def _named(broken: Mapping[str, str]) -> str:
    names = sorted(broken)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"{name} ({broken[name]})" for name in names[:SHOWN]) + more


def _verdict(proof: _Proof, started: float) -> Validation:
    bundle = proof.bundle
    verdict = "inconclusive" if proof.faults else "invalid" if proof.reasons else "valid"
    return Validation(
        path=str(bundle.root),
        task_id=bundle.manifest.task_id,
        verdict=verdict,
        reasons=(*proof.faults, *proof.reasons),
        notes=tuple(proof.notes),
        digest=format_.bundle_digest(bundle.root),
        failing=len(_expected_broken(bundle)),
        runs=proof.runs,
        seconds=round(time.monotonic() - started, 2),
    )
