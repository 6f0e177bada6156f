"""
What the agent is told: `prompt.md` and `AGENTS.md`, rendered from records that know no mutation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import jinja2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cab_tasks.manifest import Constraint, Manifest
    from cab_tasks.symptoms import Symptom

# Shorter lines (`else:`, `return x`, `}`) stand in every file; they give nothing away.
TELLING_LINE = 12
_TITLE = "\0"  # stands for it in a text that is used again; no YAML can hold one


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """
    All that a prompt template may see. `mutation` is empty but at the level `published`.
    """

    title: str
    project: str
    language: str
    verify_command: str
    tests_visible: bool
    symptoms: tuple[Symptom, ...] = ()
    more: int = 0
    rules: tuple[str, ...] = field(default=())
    mutation: str = ""


def render_prompt(level: str, record: PromptRecord) -> str:
    """
    `prompt.md` at a level: `symptoms` or `published`.
    """
    return _render(f"{level}.md.j2", record=record)


def render_rules(manifest: Manifest) -> str:
    """
    `AGENTS.md`, wholly determined by the manifest's `constraints`.
    """
    before, _, after = _rules_around_title(manifest.constraints).partition(_TITLE)
    return before + manifest.title + after


# Thousands of tasks share a handful of lists of constraints.
@lru_cache(maxsize=64)
def _rules_around_title(constraints: tuple[Constraint, ...]) -> str:
    plain = [constraint.model_dump(mode="json") for constraint in constraints]
    return _render("AGENTS.md.j2", title=_TITLE, constraints=plain)


def leaks_in(text: str, secrets: Iterable[str]) -> tuple[str, ...]:
    """
    The secrets (lines of the fix, names of hidden tests) that a text tells, in their order.

    Compared without spaces; lines shorter than TELLING_LINE do not count.
    """
    squeezed = "".join(text.split())
    return tuple(
        secret
        for secret in dict.fromkeys(secrets)
        if len(secret.strip()) >= TELLING_LINE and "".join(secret.split()) in squeezed
    )


def names_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """
    The test names that a text tells as whole words.

    Short ones that do not say what they are (`add`) are words of the language, too: not counted.
    """
    return tuple(
        name
        for name in dict.fromkeys(names)
        if (len(name) >= TELLING_LINE or name.startswith("test_"))
        and name in text
        and re.search(rf"\b{re.escape(name)}\b", text)
    )


def test_names(tests: Iterable[str]) -> tuple[str, ...]:
    """
    The bare function names in test ids, sorted.
    """
    names = set()
    for test in tests:
        bare = test.partition("[")[0]
        names.add(re.split(r"::|\.| ", bare)[-1])
    return tuple(sorted(names))


@cache
def _templates() -> jinja2.Environment:
    folder = resources.files("task_templates").joinpath("prompts")
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(folder)),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # they are part of the package; else each use asks the disk
        autoescape=False,  # Markdown for an agent, not HTML
    )


def _render(name: str, **values: object) -> str:
    return _templates().get_template(name).render(**values)
