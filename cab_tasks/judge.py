"""
One attempt against one bundle: a fresh tree, pristine tests, the exact expected set.

`validate` and `score` both stand on it. git is never run here, nor anything else in the
attempt's tree; the suite runs in the sandbox.
"""

from __future__ import annotations

import os
import shlex
import stat
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks import workspace
from cab_tasks.baseline import PLAIN, Condition
from cab_tasks.environment import lay_environment_files
from cab_tasks.errors import BundleError
from cab_tasks.hiding import CONFIGURATION, infile_path
from cab_tasks.model import Run, RunEnd, SuiteSpec, TestOutcome
from cab_tasks.sandbox import Limits, Policy
from cab_tasks.sites import matches
from cab_tasks.suite import run_suite
from mutators.base import Refusal
from mutators.registry import test_bridge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cab_tasks.bundle import Bundle
    from cab_tasks.manifest import Manifest
    from cab_tasks.model import Environment

ATTEMPT_MAX_FILES = 100_000
ATTEMPT_MAX_BYTES = 512 << 20


class Verdict(StrEnum):
    """
    How an attempt ended; only INCONCLUSIVE is nobody's score.
    """

    PASS = "pass"
    FAIL = "fail"
    TAMPERED = "tampered"
    INCONCLUSIVE = "inconclusive"


class RunCache:
    """
    Completed runs by content: the same tree, command, environment and condition are run once.

    Bundles of one seed share their repaired tree byte for byte. Lives as long as one command.
    """

    def __init__(self) -> None:
        self._runs: dict[object, Run] = {}
        self._locks: dict[object, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: object, run: Callable[[], Run]) -> Run:
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._runs:
                made = run()
                if made.end is not RunEnd.COMPLETED:
                    return made
                self._runs[key] = made
            return self._runs[key]


@dataclass(frozen=True, slots=True)
class Setting:
    """
    Where suites run: the rebuilt environment, the build folder (compiled languages), the sandbox.
    """

    environment: Environment
    target: Path | None = None
    policy: Policy = Policy.AUTO
    runs: RunCache | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    `broken` maps each expected test that did not pass to how it ended (`absent` if it vanished).
    """

    verdict: Verdict
    run: Run
    broken: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()


def judge(
    bundle: Bundle,
    attempt: Mapping[str, bytes | None],
    setting: Setting,
    *,
    condition: Condition = PLAIN,
) -> Judgement:
    """
    The verdict on an attempt: the files that it changed in workdir (None: deleted).

    Protected files are not taken over: a changed one is a finding. The suite runs in a tree made
    of the bundle's workdir, the allowed changes, and the pristine tests.
    """
    with workspace.scratch() as folder:
        tree = folder / "tree"
        findings = lay_tree(bundle, attempt, tree)
        lay_environment_files(setting.environment, tree)
        run = _shared_run(bundle.manifest, tree, setting, condition)
    broken = _broken(run, bundle.tests.must_pass())
    return Judgement(_verdict(run, broken, findings), run, broken, tuple(findings))


def lay_tree(bundle: Bundle, attempt: Mapping[str, bytes | None], tree: Path) -> list[str]:
    """
    Write the tree that is judged; returns what the attempt changed and was not allowed to.
    """
    findings: list[str] = []
    workspace.copy_tree(bundle.workdir, tree)
    for path, data in sorted(attempt.items()):
        dropped, finding = _is_dropped(bundle, path)
        findings += [finding] if finding else []
        if dropped:
            continue
        if data is None:
            (tree / path).unlink(missing_ok=True)
        else:
            _write(tree, path, data)
    findings += _splice_modules(bundle, tree)
    tests = bundle.root / format_.HIDDEN_TESTS
    for path in workspace.paths(tests) if tests.is_dir() else ():
        mode, data = workspace.read(tests, path)
        workspace.write(tree, path, data, executable=mode == 0o100755)
    return findings


def changed_files(workdir: Path, attempt: Path) -> dict[str, bytes | None]:
    """
    What an attempt's folder changed against workdir, by our own walk; nothing there is executed.

    Regular files only; `.git` and what is neither file nor folder is not looked at.
    """
    before = {path: workspace.read(workdir, path)[1] for path in workspace.paths(workdir)}
    after = _read_attempt(attempt)
    changed: dict[str, bytes | None] = {
        path: data for path, data in after.items() if before.get(path) != data
    }
    changed.update(dict.fromkeys(path for path in before if path not in after))
    return changed


def suite_spec(manifest: Manifest) -> SuiteSpec:
    """
    The suite as the manifest's `tests` tells it.
    """
    words = shlex.split(manifest.tests.command)
    split = next((at for at, word in enumerate(words) if "=" not in word), len(words))
    variables = [tuple(word.split("=", 1)) for word in words[:split]]
    return SuiteSpec(
        language=manifest.language,
        framework=manifest.tests.framework,
        command=tuple(words[split:]),
        env=tuple((name, value) for name, value in variables),
        test_globs=manifest.tests.protected,
    )


def _shared_run(manifest: Manifest, tree: Path, setting: Setting, condition: Condition) -> Run:
    def run() -> Run:
        return _run(manifest, tree, setting, condition)

    if setting.runs is None:
        return run()
    spec = suite_spec(manifest)
    key = (workspace.tree_hash(tree), spec, manifest.limits, setting.environment.key, condition)
    return setting.runs.get(key, run)


def _run(manifest: Manifest, tree: Path, setting: Setting, condition: Condition) -> Run:
    limits = Limits(
        timeout_s=manifest.limits.suite_timeout_s,
        memory_bytes=manifest.limits.memory_mb << 20,
        processes=manifest.limits.processes,
        disk_bytes=manifest.limits.disk_mb << 20,
    )
    return run_suite(
        suite_spec(manifest),
        setting.environment,
        tree,
        limits=limits,
        test_timeout_s=manifest.limits.test_timeout_s,
        shuffle=condition.shuffle,
        variables=condition.variables,
        target=setting.target,
        policy=setting.policy,
    )


def _broken(run: Run, expected: tuple[str, ...]) -> dict[str, str]:
    outcomes = run.outcomes()
    return {
        test: outcomes[test].value if test in outcomes else "absent"
        for test in expected
        if outcomes.get(test) is not TestOutcome.PASSED
    }


def _verdict(run: Run, broken: Mapping[str, str], findings: list[str]) -> Verdict:
    if run.end is RunEnd.ERROR:
        return Verdict.INCONCLUSIVE
    if findings:
        return Verdict.TAMPERED
    return Verdict.FAIL if broken or run.end is not RunEnd.COMPLETED else Verdict.PASS


def _is_dropped(bundle: Bundle, path: str) -> tuple[bool, str]:
    """
    Whether a changed path is not taken over, and the finding if that is more than a new test.
    """
    manifest = bundle.manifest
    if not matches(path, manifest.tests.protected):
        return False, ""
    is_new = not (bundle.workdir / path).exists()
    is_hidden = (bundle.root / format_.HIDDEN_TESTS / path).exists()
    configures = matches(path, CONFIGURATION.get(manifest.language, ()))
    if is_new and not is_hidden and not configures:
        return True, ""  # an agent's own new test: honest, and not ours to run
    return True, f"{path}: protected, but the attempt changed it"


def _splice_modules(bundle: Bundle, tree: Path) -> list[str]:
    """
    Put pristine in-file test modules back; says where that cannot be done.
    """
    findings = []
    bridge = test_bridge(bundle.manifest.language) if bundle.manifest.tests.infile else None
    for module in bundle.manifest.tests.infile:
        place = tree / module.path
        pristine = bundle.root / format_.INFILE / infile_path(module.path, module.module)
        if bridge is None or not place.is_file():
            findings.append(f"{module.path}: holds tests and is gone")
            continue
        spliced = bridge.splice(
            place.read_bytes(), tuple(module.module.split("::")), pristine.read_bytes()
        )
        if isinstance(spliced, Refusal):
            findings.append(f"{module.path}: its tests cannot be put back ({spliced.reason})")
        else:
            _write(tree, module.path, spliced)
    return findings


def _write(tree: Path, path: str, data: bytes) -> None:
    place = tree / path
    executable = place.is_file() and bool(place.stat().st_mode & stat.S_IXUSR)
    workspace.write(tree, path, data, executable=executable)


def _read_attempt(root: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for path in workspace.paths(root, skip=(".git",)):
        size = (root / path).lstat().st_size
        total += size
        if len(found) >= ATTEMPT_MAX_FILES or total > ATTEMPT_MAX_BYTES:
            raise BundleError("the attempt is too large to be judged", os.fspath(root))
        found[path] = workspace.read(root, path)[1]
    return found
