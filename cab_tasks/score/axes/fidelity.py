"""
How many of the rules that a task declares an attempt honours: L15, instruction fidelity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cab_tasks.globs import matches
from cab_tasks.manifest import (
    FileNotTouched,
    FilePatternRequiredInDiff,
    NoCommentsAdded,
    NoNewDependency,
)
from cab_tasks.score.axes.axis import Axis
from cab_tasks.score.changes import texts
from cab_tasks.score.comments import added_comments
from cab_tasks.score.dependencies import new_dependencies
from cab_tasks.score.names import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from cab_tasks.bundle import Bundle
    from cab_tasks.manifest import Constraint
    from cab_tasks.score.changes import Changes

SHOWN = 10  # pieces of evidence for one rule
TEXT = 120  # characters of one


class ConstraintRecord(Axis):
    """
    One rule with its parameters, whether it is honoured, and what says so.
    """

    kind: str
    parameters: dict[str, Any]
    honored: bool
    evidence: tuple[str, ...]


class Fidelity(Axis):
    """
    `fidelity` is honored / declared, null for a task that declares no rule.
    """

    fidelity: float | None
    honored: int
    declared: int
    constraints: tuple[ConstraintRecord, ...]


def fidelity(bundle: Bundle, changes: Changes) -> Fidelity:
    """
    The axis over every constraint of the manifest, in its order.
    """
    records = tuple(_record(bundle, changes, rule) for rule in bundle.manifest.constraints)
    honored = sum(record.honored for record in records)
    return Fidelity(
        fidelity=honored / len(records) if records else None,
        honored=honored,
        declared=len(records),
        constraints=records,
    )


def _record(bundle: Bundle, changes: Changes, rule: Constraint) -> ConstraintRecord:
    breaches, signs = _checked(bundle, changes, rule)
    evidence = shown(breaches or signs)[:SHOWN]
    return ConstraintRecord(
        kind=rule.kind,
        parameters=rule.model_dump(mode="json", exclude={"kind"}),
        honored=not breaches,
        evidence=tuple(text if len(text) <= TEXT else text[: TEXT - 1] + "…" for text in evidence),
    )


def _checked(
    bundle: Bundle, changes: Changes, rule: Constraint
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    What breaches a rule, and what shows that it is honoured.
    """
    match rule:
        case FileNotTouched():
            return tuple(path for path in changes.all if matches(path, (rule.path,))), ()
        case NoNewDependency():
            return _by_file(bundle, changes, new_dependencies), ()
        case NoCommentsAdded():
            found = _by_file(bundle, changes, added_comments)
            return (found, ()) if len(found) > rule.max_added else ((), found)
        case FilePatternRequiredInDiff():
            touched = changes.added if rule.require_added else changes.all
            found = tuple(path for path in touched if matches(path, rule.paths))
            what = "added" if rule.require_added else "changed"
            return (() if found else (f"no file {what} matches",)), found


def _by_file(
    bundle: Bundle, changes: Changes, found: Callable[[str, bytes, bytes], tuple[str, ...]]
) -> tuple[str, ...]:
    return tuple(
        f"{path}: {text}"
        for path in changes.all
        for text in found(path, *texts(bundle, changes, path))
    )
