"""
Recipes: which bug makes which embedded task. `task_templates/tasks/README.md` tells the keys.
"""

from __future__ import annotations

import datetime  # noqa: TC003 - pydantic reads the annotation when it runs
from typing import TYPE_CHECKING, Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from cab_tasks.errors import UsageError
from cab_tasks.manifest import TASK_ID, Constraint
from cab_tasks.templates import recipe_paths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

Text = Annotated[str, StringConstraints(min_length=1)]
Positive = Annotated[int, Field(gt=0)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Place(_Record):
    """
    Where a bug is made: `old` and `new` are the whole lines it changes, without indentation.
    """

    path: Text
    symbol: Text
    old: Text
    new: Text


class Recipe(_Record):
    """
    One embedded task: which bug, where, under which id, with which rules.

    `mutator` is a code (`rust:err.invert`); `mutation` the sentence that a published prompt says.
    """

    task_id: Annotated[str, StringConstraints(pattern=TASK_ID)]
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    seed: Text
    mutator: Annotated[str, StringConstraints(pattern=r"^[a-z]+:[a-z]+\.[a-z-]+$")]
    place: Place
    visibility: Literal["hidden", "visible"]
    prompt_level: Literal["symptoms", "published"]
    max_turns: Positive
    timeout_s: Positive
    mutation: str = ""
    constraints: Annotated[tuple[Constraint, ...], Field(strict=False)] = ()
    task_added_date: datetime.date | None = None

    def makes(self, path: str, before: bytes, after: bytes) -> bool:
        """
        Whether turning a file's `before` into `after` is this bug, however its edits are cut.
        """
        if path != self.place.path:
            return False
        old, new = _differing(before.split(b"\n"), after.split(b"\n"))
        return old == _lines(self.place.old) and new == _lines(self.place.new)


def recipes() -> tuple[Recipe, ...]:
    """
    Every embedded recipe, sorted by task id.
    """
    return tuple(map(read_recipe, recipe_paths()))


def read_recipe(path: Path) -> Recipe:
    """
    Raises:
        UsageError: not YAML, a key unknown, missing or mistyped, or the id is not the folder's.
    """
    node, plain = _parse(path)
    try:
        recipe = Recipe.model_validate(plain)
    except ValidationError as error:
        # A misspelt key is missing as well; that it is unknown says more.
        first = min(error.errors(include_url=False), key=lambda one: one["type"] == "missing")
        raise UsageError(f"{path}:{_line(node, first)}: {_problem(first)}") from error
    folder = f"{path.parent.parent.name}/{path.parent.name}"
    if recipe.task_id != folder:
        raise UsageError(f"{path}: task_id is {recipe.task_id}, its folder is {folder}")
    return recipe


def _parse(path: Path) -> tuple[yaml.Node | None, object]:
    """
    The file's YAML tree, which knows lines, and its plain data.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return yaml.compose(text, yaml.CSafeLoader), yaml.load(text, yaml.CSafeLoader)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}:{line}: {error.problem}") from error


def _line(node: yaml.Node | None, problem: ErrorDetails) -> int:
    """
    The line of the innermost key that a problem's place names; a missing key is at its parent.
    """
    line = 1
    for part in problem["loc"]:
        child = _child(node, part)
        if child is None:
            continue  # pydantic also names the variant of a union here, which no key is
        line, node = child
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _problem(problem: ErrorDetails) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    words = {"missing": "missing key", "extra_forbidden": "unknown key"}
    return f"{where}: {words.get(problem['type'], problem['msg'])}"


def _differing(
    before: Sequence[bytes], after: Sequence[bytes]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    The lines of both that are left when equal ones at the start and the end are taken off.
    """
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    cut = (before[head : len(before) - tail], after[head : len(after) - tail])
    return _stripped(cut[0]), _stripped(cut[1])


def _stripped(lines: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(line.decode("utf-8", "replace").strip() for line in lines)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().split("\n"))
