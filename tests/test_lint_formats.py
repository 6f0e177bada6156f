"""
The command: its four formats, its choice of rules, its exit codes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import jsonschema
import pytest
from bundles import break_bundle, write_bundle

from cab_tasks.cli.lint import latest_date
from cab_tasks.cli.main import load
from cab_tasks.errors import BundleError, UsageError
from cab_tasks.lint.engine import LintRequest, lint_bundle
from cab_tasks.lint.finding import printable
from cab_tasks.lint.formats import Format, report_lines
from cab_tasks.lint.registry import rules
from cab_tasks.lint.rule import Change

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


Lint: TypeAlias = "Callable[..., Run]"
ODD = "workdir/50%,a:b.txt"

# The parts of the published SARIF 2.1.0 schema that a log of ours touches, with its own limits.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}},
    },
}
LOCATION = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "properties": {"uri": {"type": "string", "pattern": "^[!-~]+$"}},
                    "additionalProperties": False,
                },
                "region": {
                    "type": "object",
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                    },
                    "additionalProperties": False,
                },
            },
        }
    },
}
RESULT = {
    "type": "object",
    "required": ["message"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION},
    },
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "version": {"type": "string"},
        "semanticVersion": {"type": "string"},
        "rules": {"type": "array", "items": RULE, "uniqueItems": True},
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {"driver": DRIVER},
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": RESULT},
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Run:
    code: int
    stdout: str


@pytest.fixture
def lint(capsys: pytest.CaptureFixture[str]) -> Lint:
    """
    The command in this process; its errors come through.
    """

    def run(*arguments: str) -> Run:
        code = load("lint").main(list(arguments), standalone_mode=False)
        return Run(code, capsys.readouterr().out)

    return run


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    One error with a repair, one warning, one piece of information, in a name that needs escapes.
    """
    root = write_bundle(tmp_path)
    changes = (
        Change("task.yaml", "license: MIT", "license: NOASSERTION"),
        Change("prompt.md", "PYTHONPATH=src python -m pytest", "pytest"),
        Change(ODD, None, "cd /home/jane/sums/\n"),
    )
    break_bundle(root, changes)
    monkeypatch.chdir(tmp_path)
    return root


def test_text_has_a_line_a_finding_and_a_summary(broken: Path, lint: Lint) -> None:
    result = lint(".")

    at = "mutations/sums-0a1b2c3d"
    assert result.code == 1
    assert result.stdout.splitlines() == [
        f"{at}/prompt.md:15:1: CAB403 [*] the task's command is 'PYTHONPATH=src python -m pytest'",
        f"{at}/task.yaml:9:10: CAB704 warning: no licence is stated",
        f"{at}/{ODD}:1:4: CAB804 info: path of a machine: /home/jane/sums/",
        "1 bundle: 1 error, 1 warning, 1 info; 1 [*] can be fixed with --fix",
    ]


def test_text_tells_what_was_fixed(broken: Path, lint: Lint) -> None:
    result = lint(".", "--fix", "--select", "CAB403,CAB6")

    at = "mutations/sums-0a1b2c3d"
    assert result.code == 0
    assert result.stdout.splitlines() == [
        f"{at}/prompt.md: fixed CAB403: wrote the task's command under Verify",
        "1 bundle: nothing found; 1 fixed",
    ]


def test_json_has_a_record_a_finding(broken: Path, lint: Lint) -> None:
    result = lint(".", "--format", "json")

    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["code"] for record in records] == ["CAB403", "CAB704", "CAB804"]
    assert records[1] == {
        "kind": "finding", "code": "CAB704", "severity": "warning",
        "message": "no licence is stated", "bundle": "mutations/sums-0a1b2c3d",
        "path": "task.yaml", "line": 9, "column": 10, "fixable": False,
    }  # fmt: skip


def test_sarif_keeps_to_the_schema(broken: Path, lint: Lint) -> None:
    result = lint(".", "--format", "sarif")

    log: dict[str, Any] = json.loads(result.stdout)
    jsonschema.validate(log, SARIF)
    run = log["runs"][0]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert ids == [rule.code for rule in rules()]
    assert [ids[found["ruleIndex"]] for found in run["results"]] == ["CAB403", "CAB704", "CAB804"]
    assert [found["level"] for found in run["results"]] == ["error", "warning", "note"]
    place = run["results"][2]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "mutations/sums-0a1b2c3d/workdir/50%25%2Ca%3Ab.txt"},
        "region": {"startLine": 1, "startColumn": 4},
    }


def test_github_annotations_escape_properties(broken: Path, lint: Lint) -> None:
    result = lint(".", "--format", "github", "--ignore", "CAB403")

    assert result.stdout.splitlines() == [
        "::warning file=mutations/sums-0a1b2c3d/task.yaml,line=9,col=10,title=CAB704"
        "::no licence is stated",
        "::notice file=mutations/sums-0a1b2c3d/workdir/50%25%2Ca%3Ab.txt,line=1,col=4,title=CAB804"
        "::path of a machine: /home/jane/sums/",
    ]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--select", "CAB7"], ["CAB704"]),
        (["--select", "license-missing"], ["CAB704"]),
        (["--select", "CAB4,CAB8"], ["CAB403", "CAB804"]),
        (["--ignore", "CAB4", "--ignore", "CAB704"], ["CAB804"]),
        (["--select", "CAB4", "--ignore", "CAB403"], []),
    ],
)
def test_select_and_ignore_choose_rules(
    options: list[str], codes: list[str], broken: Path, lint: Lint
) -> None:
    result = lint(".", "--format", "json", *options)

    assert [json.loads(line)["code"] for line in result.stdout.splitlines()] == codes


def test_info_alone_does_not_fail(broken: Path, lint: Lint) -> None:
    assert lint(".", "--select", "CAB8").code == 0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([".", "--select", "CAB9"], UsageError),
        ([".", "--ignore", ""], UsageError),
        (["nowhere"], BundleError),
    ],
)
def test_wrong_calls_are_usage_errors(
    arguments: list[str], error: type[Exception], broken: Path, lint: Lint
) -> None:
    with pytest.raises(error):
        lint(*arguments)


def test_source_date_epoch_bounds_dates(
    broken: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    early = lint(".", "--select", "CAB107")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    late = lint(".", "--select", "CAB107")

    assert "task.yaml:7:18: CAB107 warning: 2026-01-15 is later than 2023-11-14" in early.stdout
    assert late.code == 0
    with pytest.raises(UsageError):
        latest_date({"SOURCE_DATE_EPOCH": "yesterday"})


def test_jobs_give_the_same_report(
    tmp_path: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(40):
        root = write_bundle(tmp_path / f"{number:02}", "rust")
        break_bundle(root, (Change("hidden/evidence.json"),) if number % 3 else ())

    one, two = lint("."), lint(".", "--jobs", "2")

    assert one.stdout == two.stdout
    assert one.stdout.count("CAB701") == 26


def test_printable_escapes_what_a_terminal_acts_on() -> None:
    assert printable("plain é 中") == "plain é 中"
    assert printable("a\x1b[31m\n\u202e\udcff") == "a\\x1b[31m\\n\\u202e\\udcff"


def test_sarif_is_told_line_by_line_as_it_would_be_in_one_piece(broken: Path) -> None:
    results = [lint_bundle(broken, LintRequest()), lint_bundle(broken, LintRequest())]

    lines = list(report_lines(iter(results), Format.SARIF, broken))
    none = "\n".join(report_lines(iter(()), Format.SARIF, broken))

    text = "\n".join(lines)
    found = sum(len(result.findings) for result in results)
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    assert none == json.dumps(json.loads(none), indent=1, ensure_ascii=False)
    assert len(json.loads(text)["runs"][0]["results"]) == found > 0
    assert len(lines) == found + 1
