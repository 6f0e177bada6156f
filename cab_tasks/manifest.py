"""
The manifest of a task, `task.yaml` in the format `cab-task/v1`: its model, its schema, its bytes.
"""

from __future__ import annotations

import datetime  # noqa: TC003 - pydantic reads it at run time
import json
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SCHEMA = "cab-task/v1"
SCHEMA_URL = "https://json-schema.org/draft/2020-12/schema"
TASK_ID = r"^[a-z][a-z0-9]*/[a-z0-9]+(-[a-z0-9]+)*$"

RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FileNotTouched(_Record):
    """
    No file that matches `path` (a glob) is changed, added or removed.
    """

    kind: Literal["file-not-touched"]
    path: Glob


class NoNewDependency(_Record):
    """
    No net-new line in requirements.txt, package.json, go.mod or Cargo.toml; re-pinning is allowed.
    """

    kind: Literal["no-new-dependency"]


class NoCommentsAdded(_Record):
    """
    At most `max_added` new comment lines.
    """

    kind: Literal["no-comments-added"]
    max_added: Annotated[int, Field(ge=0)] = 0


class FilePatternRequiredInDiff(_Record):
    """
    The diff touches (with `require_added`: adds) a file that matches one of `paths`.
    """

    kind: Literal["file-pattern-required-in-diff"]
    paths: Annotated[tuple[Glob, ...], Field(min_length=1, strict=False)]
    require_added: bool = False


Constraint = Annotated[
    FileNotTouched | NoNewDependency | NoCommentsAdded | FilePatternRequiredInDiff,
    Field(discriminator="kind"),
]


class Scorer(_Record):
    """
    How the verdict is made; `exec` as CodingAgentBench names it: the tests' command, run by us.
    """

    kind: Literal["exec"] = "exec"


class ExpectedChange(_Record):
    """
    Where the reference fix is: path, the function around it, its lines in workdir (from 1).
    """

    path: RelativePath
    symbol: str = ""
    lines: Annotated[tuple[int, int], Field(strict=False)]


class InfileModule(_Record):
    """
    Tests inside a file that the fix edits: the module's path of names (`tests`), or `doctest`.
    """

    path: RelativePath
    module: str


class TwinFacts(_Record):
    """
    Of the expectations in the failing statements of failing tests, how many have must-fail twins,
    and the chance that a forger passes who sees all copies and can only guess. `blind` counts the
    failing tests that are also run without what they expect.
    """

    expectations: Annotated[int, Field(ge=0)]
    twinned: Annotated[int, Field(ge=0)]
    share: Annotated[float, Field(ge=0, le=1)]
    forge_chance: Annotated[float, Field(ge=0, le=1)]
    blind: Annotated[int, Field(ge=0)] = 0


class Tests(_Record):
    """
    How the suite is run from the root of workdir, what the agent sees of it, what is protected.

    `command` is a shell line (`PYTHONPATH=src python -m pytest`). `protected` are globs of test
    and configuration files, restored before scoring.
    """

    framework: Literal["pytest", "unittest", "cargo", "go", "exec"]
    command: Annotated[str, StringConstraints(min_length=1)]
    visibility: Literal["hidden", "visible"]
    protected: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    infile: Annotated[tuple[InfileModule, ...], Field(strict=False)] = ()
    twins: TwinFacts | None = None


class RunLimits(_Record):
    """
    Limits of one run of the suite: constants, or the baseline's time rounded up to ten seconds.
    """

    suite_timeout_s: Annotated[int, Field(gt=0)]
    test_timeout_s: Annotated[int, Field(gt=0)]
    memory_mb: Annotated[int, Field(gt=0)] = 4096
    disk_mb: Annotated[int, Field(gt=0)] = 1024
    processes: Annotated[int, Field(gt=0)] = 512


class Difficulty(_Record):
    """
    Measured facts, no opinion: failing tests, tests in the suite, hunks of the fix.
    """

    failing_tests: Annotated[int, Field(ge=0)]
    suite_tests: Annotated[int, Field(ge=0)]
    hunks: Annotated[int, Field(ge=0)]


class LintSettings(_Record):
    """
    Rules that this bundle does not follow, by code.
    """

    ignore: Annotated[tuple[str, ...], Field(strict=False)] = ()


class Manifest(_Record):
    """
    `task.yaml`: what a person reads and writes.
    """

    schema_: Annotated[Literal["cab-task/v1"], Field(alias="schema")]
    task_id: Annotated[str, StringConstraints(pattern=TASK_ID, max_length=120)]
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    family: Literal["mutations", "polyglot", "integrity"]
    language: Literal["python", "rust", "go", "typescript", "javascript", "java", "c"]
    version: Annotated[str, StringConstraints(pattern=r"^v\d+(\.\d+){0,2}$")]
    task_added_date: datetime.date | None = None
    source: Annotated[str, StringConstraints(min_length=1)]
    license: str = ""
    prompt_level: Literal["symptoms", "published", "handwritten"] = "symptoms"
    max_turns: Annotated[int, Field(gt=0)]
    timeout_s: Annotated[int, Field(gt=0)]
    expected_refusal: bool = False
    ground_truth_files: Annotated[tuple[RelativePath, ...], Field(strict=False)]
    expected_changes: Annotated[tuple[ExpectedChange, ...], Field(strict=False)] = ()
    constraints: Annotated[tuple[Constraint, ...], Field(strict=False)] = ()
    scorer: Scorer
    tests: Tests
    limits: RunLimits
    difficulty: Difficulty | None = None
    lint: LintSettings | None = None


def dump_manifest(manifest: Manifest) -> bytes:
    """
    The bytes of `task.yaml`: keys in the model's order, absent optionals left out.
    """
    plain = manifest.model_dump(mode="json", by_alias=True, exclude_none=True)
    if manifest.task_added_date is not None:
        plain["task_added_date"] = manifest.task_added_date
    text = yaml.dump(plain, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=100)
    header = "# yaml-language-server: $schema=https://cab-tasks.dev/schema/cab-task-v1.json\n"
    return (header + str(text)).encode()


def json_schema() -> dict[str, Any]:
    """
    JSON Schema 2020-12 of `task.yaml`.
    """
    return {"$schema": SCHEMA_URL, **Manifest.model_json_schema(by_alias=True)}


def schema_text() -> str:
    return json.dumps(json_schema(), indent=2) + "\n"
