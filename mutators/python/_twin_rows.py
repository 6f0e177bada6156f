"""
The table of a parametrized pytest test: its names, its rows, and the ids that pytest gives them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit

if TYPE_CHECKING:
    from mutators.python.source import PythonSource


@dataclass(frozen=True, slots=True)
class Table:
    """
    `patterns` match the ids of the rows as written, `ids` are those once `fixed` is made: then
    they do not change with the values.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[cst.BaseExpression, ...], ...]
    patterns: tuple[str, ...]
    ids: tuple[str, ...]
    fixed: tuple[Edit, ...]

    def cells(self, name: str) -> list[tuple[int, cst.BaseExpression]]:
        """
        The values of one parameter, by row.
        """
        column = self.names.index(name)
        return [(at, row[column]) for at, row in enumerate(self.rows) if len(row) > column]


def table_of(source: PythonSource, function: cst.FunctionDef) -> Table | None:
    """
    None of a test that is not parametrized by one table that is written out.
    """
    calls = [
        one.decorator
        for one in function.decorators
        if isinstance(one.decorator, cst.Call)
        and isinstance(one.decorator.func, cst.Attribute)
        and one.decorator.func.attr.value == "parametrize"
    ]
    if len(calls) != 1:
        return None
    plain = [arg.value for arg in calls[0].args if arg.keyword is None]
    words = {arg.keyword.value: arg.value for arg in calls[0].args if arg.keyword is not None}
    if len(plain) != 2 or not set(words) <= {"ids"}:
        return None
    names, values = _names(plain[0]), plain[1]
    if not names or not isinstance(values, cst.List | cst.Tuple):
        return None
    elements = [item.value for item in values.elements]
    stated = _stated_ids(words["ids"]) if "ids" in words else None
    if "ids" in words and (stated is None or len(stated) != len(elements)):
        return None
    rows = tuple(_row(element, len(names)) for element in elements)
    own = [_own_id(element) for element in elements]
    patterns = tuple(
        re.escape(name) if name is not None else _pattern(names, row, at)
        for at, (row, name) in enumerate(zip(rows, stated or own, strict=True))
    )
    if stated is not None:
        return Table(names, rows, patterns, tuple(stated), ())
    ids = tuple(name if name is not None else str(at) for at, name in enumerate(own))
    listed = ", ".join(f'"{at}"' for at in range(len(rows)))
    fixed = Edit(source.outer_span(values)[1], b"", f", ids=[{listed}]".encode())
    return Table(names, rows, patterns, ids, (fixed,))


def _names(node: cst.BaseExpression) -> tuple[str, ...]:
    if isinstance(node, cst.SimpleString):
        text = node.evaluated_value
        parts = text.split(",") if isinstance(text, str) else []
        return tuple(part.strip() for part in parts if part.strip())
    if isinstance(node, cst.List | cst.Tuple):
        return tuple(
            str(item.value.evaluated_value)
            for item in node.elements
            if isinstance(item.value, cst.SimpleString)
        )
    return ()


def _stated_ids(node: cst.BaseExpression) -> list[str] | None:
    if not isinstance(node, cst.List | cst.Tuple):
        return None
    texts = [item.value for item in node.elements]
    plain = [text.evaluated_value for text in texts if isinstance(text, cst.SimpleString)]
    return [str(text) for text in plain] if len(plain) == len(texts) else None


def _row(element: cst.BaseExpression, width: int) -> tuple[cst.BaseExpression, ...]:
    if isinstance(element, cst.Call) and _own_call(element):
        return tuple(arg.value for arg in element.args if arg.keyword is None)
    if width == 1:
        return (element,)
    if isinstance(element, cst.Tuple | cst.List):
        return tuple(item.value for item in element.elements)
    return ()


def _own_call(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "param"


def _own_id(element: cst.BaseExpression) -> str | None:
    if isinstance(element, cst.Call) and _own_call(element):
        for arg in element.args:
            if (
                arg.keyword is not None
                and arg.keyword.value == "id"
                and isinstance(arg.value, cst.SimpleString)
            ):
                return str(arg.value.evaluated_value)
    return None


def _pattern(names: tuple[str, ...], row: tuple[cst.BaseExpression, ...], at: int) -> str:
    return "-".join(_cell(name, cell, at) for name, cell in zip(names, row, strict=False))


def _cell(name: str, cell: cst.BaseExpression, at: int) -> str:
    """
    What pytest makes of a value: its text where it is plain, the parameter's name and row if not.
    """
    if isinstance(cell, cst.SimpleString | cst.ConcatenatedString):
        value = cell.evaluated_value
        if isinstance(value, str):
            return re.escape(value.encode("unicode_escape").decode("ascii"))
        return ".*"
    if isinstance(cell, cst.UnaryOperation) and isinstance(cell.operator, cst.Minus):
        return "-" + _cell(name, cell.expression, at)
    if isinstance(cell, cst.Integer | cst.Float):
        return re.escape(str(cell.evaluated_value))
    if isinstance(cell, cst.Name) and cell.value in ("True", "False", "None"):
        return cell.value
    placed = f"{re.escape(name)}{at}"
    is_open = isinstance(cell, cst.Name | cst.Attribute | cst.BinaryOperation)
    return rf"(?:{placed}|(?!{re.escape(name)}\d).*)" if is_open else placed
