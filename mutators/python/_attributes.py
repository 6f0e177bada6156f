"""
The fields of a class, and what they hold as far as the class tells.
"""

from __future__ import annotations

from collections import defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import libcst as cst

from mutators.python._scopes import annotated, literal_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mutators.python.source import PythonSource

_NEIGHBOURS = {
    "start": "stop", "stop": "start", "year": "month", "month": "year", "day": "month",
    "hour": "minute", "minute": "hour", "second": "minute", "seconds": "days", "days": "seconds",
    "numerator": "denominator", "denominator": "numerator", "real": "imag", "imag": "real",
    "width": "height", "height": "width", "stdout": "stderr", "stderr": "stdout",
    "first": "last", "last": "first", "left": "right", "right": "left",
}  # fmt: skip


def other_attribute(source: PythonSource, node: cst.Attribute) -> str:
    """
    The name of a field to read instead, or nothing.
    """
    parent = source.parent(node)
    is_called = isinstance(parent, cst.Call) and parent.func is node
    if is_called or isinstance(parent, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.Del):
        return ""
    owner = source.enclosing(node, cst.ClassDef)
    if source.text(node.value) == "self" and owner is not None:
        return _similar(source, owner, node)
    is_object = isinstance(node.value, cst.Name) and not source.is_module_name(node.value.value)
    return _NEIGHBOURS.get(node.attr.value, "") if is_object else ""


def _similar(source: PythonSource, owner: cst.ClassDef, node: cst.Attribute) -> str:
    fields = _fields(source, owner)
    name = node.attr.value
    line = source.enclosing(node, cst.SimpleStatementLine)
    beside = source.text(line) if line is not None else ""
    donors = [
        other
        for other, kinds in fields.items()
        if other != name and kinds & fields.get(name, set()) and f"self.{other}" not in beside
    ]
    alike = sorted(donors, key=lambda other: (SequenceMatcher(None, name, other).ratio(), other))
    return alike[-1] if alike else ""


def _fields(source: PythonSource, owner: cst.ClassDef) -> Mapping[str, set[str]]:
    """
    Field → kinds, of annotations in the class body and assignments to `self` in its methods.
    """
    fields: dict[str, set[str]] = defaultdict(set)
    for declared in source.within(owner, cst.AnnAssign):
        target = declared.target
        if isinstance(target, cst.Name) and source.definition(declared) is owner:
            fields[target.value] |= annotated(source, declared.annotation)
        elif isinstance(target, cst.Attribute) and source.text(target.value) == "self":
            fields[target.attr.value] |= annotated(source, declared.annotation)
    for assign in source.within(owner, cst.Assign):
        for item in assign.targets:
            target = item.target
            if isinstance(target, cst.Attribute) and source.text(target.value) == "self":
                fields[target.attr.value] |= _value_kinds(source, assign.value)
    return fields


def _value_kinds(source: PythonSource, value: cst.BaseExpression) -> set[str]:
    if isinstance(value, cst.Name):
        return set(source.scope(value).kinds(value.value))
    return literal_kinds(source, value)
