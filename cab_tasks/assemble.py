"""
A caught mutant becomes a task: every file of the bundle, as bytes, from records alone.
"""

from __future__ import annotations

import datetime
import hashlib
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cab_tasks import __version__, bundle
from cab_tasks.globs import matches
from cab_tasks.hiding import hide, infile_path, protected_globs
from cab_tasks.manifest import (
    Difficulty,
    ExpectedChange,
    FileNotTouched,
    Manifest,
    NoNewDependency,
    RunLimits,
    Scorer,
    Tests,
    dump_manifest,
)
from cab_tasks.patch import fixed_lines, hunk_lines, make_patch
from cab_tasks.prompt import (
    PromptRecord,
    leaks_in,
    names_in,
    render_prompt,
    render_rules,
    test_names,
)
from cab_tasks.symptoms import symptoms_of
from mutators.base import Refusal, apply_edits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cab_tasks.baseline import Baseline
    from cab_tasks.hiding import Hidden
    from cab_tasks.manifest import Constraint
    from cab_tasks.model import Environment, Mutant, Seed, SuiteSpec
    from cab_tasks.trial import Trial

Tree = dict[str, tuple[int, bytes]]  # path → (git mode, bytes; of a link its target)
FILE = 0o100644


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """
    What the author decides about a task. Empty `task_id` and `title`: made from seed and mutation.
    """

    visible: bool = False
    prompt_level: str = "symptoms"
    date: str = ""
    task_id: str = ""
    title: str = ""
    mutation: str = ""  # told only by the level `published`
    max_turns: int = 10
    timeout_s: int = 600
    constraints: tuple[Constraint, ...] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """
    The parts that several files of one bundle are made from.
    """

    seed: Seed
    environment: Environment
    baseline: Baseline
    mutant: Mutant
    trial: Trial
    options: TaskOptions
    files: Mapping[str, bytes] = field(default_factory=dict)


def assemble(draft: Draft, tree: Tree) -> Tree | Refusal:
    """
    All files of the bundle but its digests; `tree` is the seed's, repaired.

    Refuses a mutant whose failing tests cannot be hidden, or whose symptoms cannot be told.
    """
    seed, mutant = draft.seed, draft.mutant
    plain = {path: data for path, (mode, data) in tree.items() if mode != 0o120000}
    hidden = hide(seed.suite, plain, draft.trial.broken, visible=draft.options.visible)
    if isinstance(hidden, Refusal):
        return hidden
    repaired = {**tree}
    for path, left in hidden.cut.items():
        if left is None:
            del repaired[path]
        else:
            repaired[path] = (tree[path][0], left)
    if mutant.path not in repaired:
        return Refusal(f"{mutant.path}: hiding its tests takes the mutated code along")
    broken_file = _broken(draft, plain, hidden)
    if isinstance(broken_file, Refusal):
        return broken_file
    fix = make_patch(mutant.path, broken_file, repaired[mutant.path][1])
    workdir = {**repaired, mutant.path: (tree[mutant.path][0], broken_file)}
    manifest = _manifest(draft, fix, hidden.modules(), tuple(plain))
    prompt = _prompt(draft, manifest, fix, plain)
    if isinstance(prompt, Refusal):
        return prompt
    made: Tree = {f"{bundle.WORKDIR}/{path}": entry for path, entry in workdir.items()}
    for path, data in hidden.tests.items():
        made[f"{bundle.HIDDEN_TESTS}/{path}"] = (tree[path][0], data)
    for (path, module), data in hidden.infile.items():
        made[f"{bundle.INFILE}/{infile_path(path, module)}"] = (FILE, data)
    for name, data in draft.environment.files:
        made[f"{bundle.ENVIRONMENT}/{name}"] = (FILE, data)
    made[bundle.MANIFEST] = (FILE, dump_manifest(manifest))
    made[bundle.PROMPT] = (FILE, prompt.encode())
    made[bundle.RULES] = (FILE, render_rules(manifest).encode())
    made[bundle.FIX] = (FILE, fix)
    made[bundle.TESTS] = (FILE, bundle.dump_json(_test_lists(draft)))
    if "file" in draft.trial.twins:
        made[bundle.TWINS] = (FILE, bundle.dump_json(draft.trial.twins["file"]))
    made[bundle.EVIDENCE] = (FILE, bundle.dump_json(_evidence(draft)))
    return made


def task_id(seed: Seed, mutant: Mutant) -> str:
    """
    `mutations/<seed>-<hash8>`, over seed tree and mutation; it names neither mutator nor file.
    """
    text = repr((seed.tree_hash, mutant.path, [(e.start, e.old, e.new) for e in mutant.edits]))
    return f"mutations/{seed.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def shell_command(spec: SuiteSpec) -> str:
    """
    The suite's command as a shell line, with the variables that it needs in front.
    """
    variables = [f"{name}={shlex.quote(value)}" for name, value in spec.env]
    return " ".join([*variables, shlex.join(spec.command)])


def _broken(draft: Draft, plain: Mapping[str, bytes], hidden: Hidden) -> bytes | Refusal:
    """
    The mutated file as the agent sees it: mutated first, then its tests cut out the same way.
    """
    mutant = draft.mutant
    mutated = apply_edits(plain[mutant.path], mutant.edits)
    if mutant.path not in hidden.cut:
        return mutated
    files = {**plain, mutant.path: mutated}
    again = hide(draft.seed.suite, files, draft.trial.broken, visible=False)
    if isinstance(again, Refusal):
        return again
    left = again.cut.get(mutant.path)
    return (
        Refusal(f"{mutant.path}: hiding its tests takes the code along") if left is None else left
    )


def _manifest(
    draft: Draft, fix: bytes, modules: tuple[object, ...], paths: tuple[str, ...]
) -> Manifest:
    seed, options, baseline = draft.seed, draft.options, draft.baseline
    date = options.date or seed.date
    failing = len(draft.trial.broken)
    plain = {
        "schema": "cab-task/v1",
        "task_id": options.task_id or task_id(seed, draft.mutant),
        "title": options.title or f"{seed.name}: wrong behaviour, {_fail(failing)}",
        "family": "mutations",
        "language": seed.suite.language,
        "version": "v0.1",
        "task_added_date": datetime.date.fromisoformat(date) if date else None,
        "source": f"{seed.origin}@{seed.commit}" if seed.commit else seed.origin,
        "license": seed.license,
        "prompt_level": options.prompt_level,
        "max_turns": options.max_turns,
        "timeout_s": options.timeout_s,
        "ground_truth_files": (draft.mutant.path,),
        "expected_changes": _expected_changes(draft.mutant, fix),
        "constraints": _constraints(draft, paths),
        "scorer": Scorer(kind="exec"),
        "tests": Tests(
            framework=seed.suite.framework,  # type: ignore[arg-type]  # detection knows these only
            command=shell_command(seed.suite),
            visibility="visible" if options.visible else "hidden",
            protected=protected_globs(seed.suite),
            infile=modules,  # type: ignore[arg-type]  # InfileModule records
            twins=draft.trial.twins.get("facts"),
        ),
        "limits": RunLimits(
            suite_timeout_s=baseline.task_suite_timeout_s(),
            test_timeout_s=baseline.task_test_timeout_s(),
        ),
        "difficulty": Difficulty(
            failing_tests=failing, suite_tests=len(baseline.green), hunks=len(draft.mutant.edits)
        ),
    }
    return Manifest.model_validate(plain)


def _fail(number: int) -> str:
    return "1 test fails" if number == 1 else f"{number} tests fail"


def _expected_changes(mutant: Mutant, fix: bytes) -> tuple[ExpectedChange, ...]:
    runs = hunk_lines(fix)[mutant.path]
    return tuple(ExpectedChange(path=mutant.path, symbol=mutant.symbol, lines=run) for run in runs)


def _constraints(draft: Draft, paths: tuple[str, ...]) -> tuple[Constraint, ...]:
    if draft.options.constraints is not None:
        return draft.options.constraints
    globs = _covering(draft.seed.suite.test_globs, paths, draft.mutant.path)
    untouched = [FileNotTouched(kind="file-not-touched", path=glob) for glob in globs]
    return (*untouched, NoNewDependency(kind="no-new-dependency"))


def _covering(globs: tuple[str, ...], paths: tuple[str, ...], but: str) -> list[str]:
    """
    Globs that together match every test file, none of them without use, and not the mutated file.
    """
    chosen: list[str] = []
    left = {path for path in paths if matches(path, globs)}
    for glob in globs:
        found = {path for path in left if matches(path, (glob,))}
        if found and not matches(but, (glob,)):
            chosen.append(glob)
            left -= found
    return chosen


def _prompt(
    draft: Draft, manifest: Manifest, fix: bytes, files: Mapping[str, bytes]
) -> str | Refusal:
    published = draft.options.prompt_level == "published"
    secrets = [line for lines in fixed_lines(fix).values() for line in lines]
    names = test_names(draft.trial.broken)
    symptoms, more = symptoms_of(
        draft.trial.failures,
        files,
        lambda text: not (leaks_in(text, secrets) or names_in(text, names)),
    )
    if not symptoms and not published:
        return Refusal("no symptom can be told without naming the fix or a hidden test")
    record = PromptRecord(
        title=manifest.title,
        project=draft.seed.name,
        language=manifest.language,
        verify_command=manifest.tests.command,
        tests_visible=draft.options.visible,
        symptoms=() if published else symptoms,
        more=0 if published else more,
        mutation=draft.options.mutation if published else "",
    )
    return render_prompt(draft.options.prompt_level, record)


def _test_lists(draft: Draft) -> dict[str, list[str]]:
    broken = draft.trial.broken
    kinds = {"absent": "absent_to_pass", "skipped": "skip_to_pass"}
    lists: dict[str, list[str]] = {
        "fail_to_pass": [], "pass_to_pass": [], "absent_to_pass": [], "skip_to_pass": [],
    }  # fmt: skip
    for test in draft.baseline.green:
        if test not in broken:
            lists["pass_to_pass"].append(test)
        else:
            lists[kinds.get(broken[test], "fail_to_pass")].append(test)
    return lists


def _evidence(draft: Draft) -> dict[str, object]:
    """
    What was proven, under which conditions; nothing in it changes from run to run.
    """
    seed, mutant = draft.seed, draft.mutant
    return {
        "schema": "cab-evidence/v1",
        "made_by": f"cab-tasks {__version__}",
        "seed": {
            "name": seed.name, "origin": seed.origin, "commit": seed.commit,
            "tree_sha256": seed.tree_hash,
        },
        "environment": {"key": draft.environment.key, "toolchain": draft.environment.toolchain},
        "mutation": {
            "mutator": mutant.mutator,
            "path": mutant.path,
            "symbol": mutant.symbol,
            "line": mutant.line,
            "edits": [
                {"start": e.start, "old": _text(e.old), "new": _text(e.new)} for e in mutant.edits
            ],
        },
        "baseline": {
            "green": len(draft.baseline.green),
            "excluded": dict(sorted(draft.baseline.excluded.items())),
            "runs": ["plain", "traced", "shuffled, other hash seed and time zone"],
        },
        "broken": {
            "exceptions": dict(sorted(draft.trial.broken.items())),
            "runs": ["warm, plain", "cold, from the bundle, shuffled, other hash seed and zone"],
        },
        "repaired": {"exceptions": {}, "runs": ["byte for byte the seed of the baseline"]},
    }  # fmt: skip


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
