"""
Integers one off, as a person would write them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from mutators.python.source import PythonSource


def shifted_index(source: PythonSource, node: cst.BaseExpression) -> str:
    """
    The index of the neighbour, or nothing if the text does not tell that it is a number.

    Towards the middle from both ends: `0` → `1`, `-1` → `-2`; else one down, which stays inside.
    """
    number = literal(node)
    if number is not None:
        return str(number + 1) if number >= 0 else str(number - 1)
    if isinstance(node, cst.Name) and is_counter(source, node):
        return f"{node.value} - 1"
    return _without_step(source, node)


def shifted_bound(source: PythonSource, node: cst.BaseExpression, *, upper: bool) -> str:
    """
    The bound of a slice or range, one inwards; nothing where that is no simple change.
    """
    number = literal(node)
    if number is not None:
        if number < 0:
            return str(number - 1) if upper or number == -1 else str(number + 1)
        return str(number + 1) if not upper or number == 0 else str(number - 1)
    if stepped := _without_step(source, node):
        return stepped
    text = source.text(node)
    if isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript):
        return f"{text} - 1" if upper else f"{text} + 1"
    return ""


def literal(node: cst.BaseExpression) -> int | None:
    """
    The value of an integer that stands there, with or without a minus.
    """
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = literal(node.expression)
        return -inner if inner is not None else None
    return int(node.value, 0) if isinstance(node, cst.Integer) else None


def is_counter(source: PythonSource, name: cst.Name) -> bool:
    """
    Whether a variable counts: by its annotation, by what it is given, or by the loop it runs in.
    """
    return "int" in source.scope(name).kinds(name.value)


def _without_step(source: PythonSource, node: cst.BaseExpression) -> str:
    """
    `i` of `i + 1` and `i - 1`.
    """
    if not isinstance(node, cst.BinaryOperation) or literal(node.right) != 1:
        return ""
    return source.text(node.left) if isinstance(node.operator, cst.Add | cst.Subtract) else ""
