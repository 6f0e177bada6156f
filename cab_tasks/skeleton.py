"""
Skeletons of hand-written tasks: a small valid bundle that its author makes into their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jinja2

from cab_tasks import bundle, workspace
from cab_tasks.errors import UsageError
from cab_tasks.manifest import TASK_ID
from cab_tasks.prompt import render_rules
from cab_tasks.templates import folder_names, root

if TYPE_CHECKING:
    from pathlib import Path

FAMILIES = ("integrity", "polyglot")  # those that people write by hand
_RENDERED = ".j2"


def languages(family: str) -> tuple[str, ...]:
    """
    Languages that a family has a skeleton in, sorted.
    """
    names = folder_names(root() / "new")
    return tuple(name.removeprefix(f"{family}-") for name in names if name.startswith(f"{family}-"))


def new_task(family: str, name: str, into: Path, language: str = "python") -> Path:
    """
    Write a skeleton to `into/family/name` and give that folder; it appears whole or not at all.

    Raises:
        UsageError: no such family or language, a name that is no id, or the folder is there.
    """
    skeleton = _skeleton(family, name, language)
    target = into / family / name
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target}: is already there; choose another name or remove it")
    with workspace.place(target) as beside:
        for path in workspace.paths(skeleton, skip=workspace.CACHES):
            text = (skeleton / path).read_text(encoding="utf-8")
            if path.endswith(_RENDERED):
                text = _render(text, task_id=f"{family}/{name}", title=_title(name))
            workspace.write(beside, path.removesuffix(_RENDERED), text.encode())
        rules = render_rules(bundle.read_manifest(beside / bundle.MANIFEST))
        workspace.write(beside, bundle.RULES, rules.encode())
    return target


def _skeleton(family: str, name: str, language: str) -> Path:
    if family == "mutations":
        raise UsageError(f"{family}/{name}: made from a seed, by: cab-tasks generate SEED")
    if family not in FAMILIES:
        raise UsageError(f"{family}: no such family; choose from {', '.join(FAMILIES)}")
    if not re.fullmatch(TASK_ID, f"{family}/{name}"):
        raise UsageError(f"{name}: no task name; use small letters, digits and single hyphens")
    if language not in languages(family):
        known = ", ".join(languages(family))
        raise UsageError(f"{language}: no skeleton of {family} in it; choose from {known}")
    return root() / "new" / f"{family}-{language}"


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _render(text: str, **values: str) -> str:
    template = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False
    ).from_string(text)
    return template.render(**values)
