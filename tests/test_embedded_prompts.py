"""
Prompt templates: whole texts, since every word of them is read by an agent.
"""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from cab_tasks.environment.record import environment_files
from cab_tasks.manifest import Constraint, Manifest
from cab_tasks.prompt import PromptRecord, render_prompt, render_rules
from cab_tasks.symptoms import Symptom

HIDDEN = """\
# Totals are wrong

Project: shop

Some of it does not work as it should. Find the cause in the source and repair it.

## What happens

1. `total(items)`
   - with `items` being `[1, 2]`
   - expected: `3`
   - got: `4`
2. This goes wrong:

   ```python
   with pytest.raises(E):
       total(None)
   ```

   - ends with: `TypeError: no items`
3. A run of the program goes wrong:
   - ends with: `` Failed: `x` ``

2 further cases go wrong as well.

What worked before must go on working. The documentation of the project and its tests describe
everything else.

The tests that show the problem are not in the repository. They check what is told above.

## Verify

```sh
python -m pytest
```

It runs the tests that are in the repository, which pass already and must still pass.
"""

VISIBLE = """\
# Totals are wrong

Project: shop

Some of it does not work as it should. Find the cause in the source and repair it.

## What happens

1. `total(&items)`
   - expected: `3`
   - got: `4`

What worked before must go on working. The documentation of the project and its tests describe
everything else.

The tests that show the problem are in the repository.

## Rules

- Add no comments.

## Verify

```sh
cargo test
```
"""

PUBLISHED = """\
# Totals are wrong

The bug: The sum is a difference.

Repair it, and leave the tests as they are.

## Verify

```sh
cargo test
```
"""

RULES = """\
# Task

Totals are wrong

The prompt says what is wrong and how to check a repair. Work in this folder only.

## Rules you must follow

- Do not add, change or remove any file that matches `tests/**`.
- Add no dependency: no new line in `requirements.txt`, `package.json`, `go.mod` or `Cargo.toml`. \
Changing the version on a line is allowed.
- Add no comments.
- Add at most 1 comment line.
- Add at most 3 comment lines.
- Add or change a file that matches `src/**` or `lib/**`.
- Add a file that matches `NOTES.md`.

## How L15 scores this

L15 (instruction fidelity) is the share of the rules above that your changes honor: \
honored ÷ declared, with 7 declared here. A program checks each one on the difference between \
the folder as you got it and as you left it.
"""

CONSTRAINTS: list[dict[str, object]] = [
    {"kind": "file-not-touched", "path": "tests/**"},
    {"kind": "no-new-dependency"},
    {"kind": "no-comments-added"},
    {"kind": "no-comments-added", "max_added": 1},
    {"kind": "no-comments-added", "max_added": 3},
    {"kind": "file-pattern-required-in-diff", "paths": ["src/**", "lib/**"]},
    {"kind": "file-pattern-required-in-diff", "paths": ["NOTES.md"], "require_added": True},
]


def manifest(*constraints: dict[str, object]) -> Manifest:
    return Manifest.model_validate(
        {
            "schema": "cab-task/v1",
            "task_id": "polyglot/totals",
            "title": "Totals are wrong",
            "family": "polyglot",
            "language": "python",
            "version": "v0.1",
            "source": "handwritten",
            "max_turns": 8,
            "timeout_s": 600,
            "ground_truth_files": ["src/shop.py"],
            "constraints": list(constraints),
            "scorer": {"kind": "exec"},
            "tests": {"framework": "pytest", "command": "pytest", "visibility": "visible"},
            "limits": {"suite_timeout_s": 60, "test_timeout_s": 10},
        }
    )


def test_symptoms_prompt_with_hidden_tests() -> None:
    record = PromptRecord(
        "Totals are wrong", "shop", "python", "python -m pytest", False, more=2,
        symptoms=(
            Symptom("total(items)", "3", "4", values=(("items", "[1, 2]"),)),
            Symptom("with pytest.raises(E):\n    total(None)", error="TypeError: no items"),
            Symptom("", error="Failed: `x`"),
        ),
    )  # fmt: skip

    assert render_prompt("symptoms", record) == HIDDEN


def test_symptoms_prompt_with_visible_tests() -> None:
    record = PromptRecord(
        "Totals are wrong", "shop", "rust", "cargo test", True,
        symptoms=(Symptom("total(&items)", "3", "4"),), rules=("Add no comments.",),
    )  # fmt: skip

    assert render_prompt("symptoms", record) == VISIBLE


def test_published_prompt_names_the_bug_and_how_to_verify() -> None:
    record = PromptRecord(
        "Totals are wrong", "shop", "rust", "cargo test", True,
        mutation="The sum is a difference.",
    )  # fmt: skip

    assert render_prompt("published", record) == PUBLISHED


def test_code_in_a_prompt_cannot_close_its_own_fence() -> None:
    record = PromptRecord(
        "T", "shop", "python", "pytest", True,
        symptoms=(Symptom("show(\n'```')", "'``'", "'`'"),),
    )  # fmt: skip

    text = render_prompt("symptoms", record)

    assert "   ~~~~python\n   show(\n   '```')\n   ~~~~\n" in text
    assert "   - expected: ``` '``' ```\n   - got: `` '`' ``\n" in text


def test_rules_have_one_bullet_a_constraint() -> None:
    assert render_rules(manifest(*CONSTRAINTS)) == RULES


def test_rules_cover_every_kind_of_constraint() -> None:
    schema = TypeAdapter(Constraint).json_schema()

    assert {str(one["kind"]) for one in CONSTRAINTS} == set(schema["discriminator"]["mapping"])


def test_rules_without_constraints_say_so() -> None:
    text = render_rules(manifest())

    assert "## Rules you must follow\n\nThere are none beyond the task itself.\n" in text
    assert text.endswith(
        "## How L15 scores this\n\n"
        "L15 (instruction fidelity) does not apply: this task declares no rules.\n"
    )


@pytest.mark.parametrize(
    ("language", "toolchain", "first", "holds"),
    [
        ("python", "cpython 3.11.7", "FROM python:3.11.7-slim", "--require-hashes"),
        ("rust", "rustc 1.95.0", "FROM rust:1.95.0-slim", "CARGO_NET_OFFLINE=true"),
    ],
)
def test_dockerfile_is_of_the_recorded_toolchain(
    language: str, toolchain: str, first: str, holds: str
) -> None:
    text = dict(environment_files(language, toolchain, ()))["Dockerfile"].decode()

    lines = text.splitlines()
    assert (lines[0], lines[-1]) == (first, "WORKDIR /work")
    assert holds in text
    assert ("pip" in text) is (language == "python")
    assert "" not in lines
