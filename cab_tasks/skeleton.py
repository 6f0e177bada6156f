"""
A new hand-written task: an embedded one, or a small valid bundle to make into one's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jinja2

from cab_tasks import bundle, workspace
from cab_tasks.errors import UsageError
from cab_tasks.manifest import TASK_ID
from cab_tasks.prompt import render_rules
from cab_tasks.templates import folder_names, root, task_ids, task_path

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


def new_task(family: str, name: str, into: Path, language: str | None = None) -> Path:
    """
    Write a task to `into/family/name` and give that folder; it appears whole or not at all.

    An embedded task's id gives that task, byte for byte; any other a skeleton (None: in Python).

    Raises:
        UsageError: no such family or language, a name that is no id, or the folder is there.
    """
    task_id = f"{family}/{name}"
    is_embedded = task_id in task_ids()
    source = _embedded(task_id, language) if is_embedded else _skeleton(family, name, language)
    target = into / family / name
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target}: is already there; choose another name or remove it")
    with workspace.place(target) as beside:
        if is_embedded:
            workspace.copy_tree(source, beside, skip=workspace.CACHES)
        else:
            _fill(source, beside, task_id, name)
    return target


def _embedded(task_id: str, language: str | None) -> Path:
    root_ = task_path(task_id)
    own = bundle.read_manifest(root_ / bundle.MANIFEST).language
    if language not in (None, own):
        raise UsageError(f"{task_id}: embedded, in {own}; choose another name for your own")
    return root_


def _fill(skeleton: Path, into: Path, task_id: str, name: str) -> None:
    for path in workspace.paths(skeleton, skip=workspace.CACHES):
        text = (skeleton / path).read_text(encoding="utf-8")
        if path.endswith(_RENDERED):
            text = _render(text, task_id=task_id, title=_title(name))
        workspace.write(into, path.removesuffix(_RENDERED), text.encode())
    rules = render_rules(bundle.read_manifest(into / bundle.MANIFEST))
    workspace.write(into, bundle.RULES, rules.encode())


def _skeleton(family: str, name: str, language: str | None) -> Path:
    if family == "mutations":
        raise UsageError(f"{family}/{name}: made from a seed, by: cab-tasks generate SEED")
    if family not in FAMILIES:
        raise UsageError(f"{family}: no such family; choose from {', '.join(FAMILIES)}")
    if not re.fullmatch(TASK_ID, f"{family}/{name}"):
        raise UsageError(f"{name}: no task name; use small letters, digits and single hyphens")
    chosen = language or "python"
    if chosen not in languages(family):
        known = ", ".join(languages(family))
        raise UsageError(f"{chosen}: no skeleton of {family} in it; choose from {known}")
    return root() / "new" / f"{family}-{chosen}"


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _render(text: str, **values: str) -> str:
    template = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False
    ).from_string(text)
    return template.render(**values)
