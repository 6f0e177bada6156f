"""
Names that could stand in the place of another one.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import libcst as cst

from mutators.python._scopes import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python._scopes import Variable
    from mutators.python.source import PythonSource

_SMALL = (cst.Comparison, cst.BinaryOperation, cst.BooleanOperation, cst.Call, cst.Subscript)


def best_donor(source: PythonSource, name: cst.Name) -> str:
    """
    The variable of the same scope and kind with the most similar name that has a value here.
    """
    scope = source.scope(name)
    if name.value not in scope.variables:
        return ""
    beside = _beside(source, name)
    donors = [
        other.name
        for other in scope.variables.values()
        if scope.alike(name.value, other.name)
        and other.name not in beside
        and _has_value(source, other, name)
    ]
    alike = sorted(
        donors, key=lambda other: (SequenceMatcher(None, name.value, other).ratio(), other)
    )
    return alike[-1] if alike else ""


def _beside(source: PythonSource, name: cst.Name) -> set[str]:
    """
    The names of the expression or assignment that a name stands in.
    """
    line = source.enclosing(name, cst.Assign, cst.AnnAssign, cst.AugAssign)
    targets = (
        [item.target for item in line.targets]
        if isinstance(line, cst.Assign)
        else [line.target]
        if isinstance(line, cst.AnnAssign | cst.AugAssign)
        else []
    )
    names = {item.value for item in targets if isinstance(item, cst.Name)}
    for around in source.ancestors(name):
        if isinstance(around, _SMALL):
            return names | names_in(source, (around,))
        if isinstance(around, cst.BaseStatement | cst.BaseSmallStatement):
            break
    return names


def _has_value(source: PythonSource, other: Variable, name: cst.Name) -> bool:
    """
    Whether a variable is surely bound where a name is read: a parameter, or assigned before it in
    a block around it.
    """
    if other.is_import or other.is_loop:
        return False
    if other.is_param:
        return all(_is_param_of(source, bound, name) for bound in other.bound[:1])
    blocks = {source.parent(item) for item in _statements(source, name)}
    return any(
        source.span(bound)[1] < source.span(name)[0] and _block_of(source, bound) in blocks
        for bound in other.bound
    )


def _is_param_of(source: PythonSource, bound: cst.CSTNode, name: cst.Name) -> bool:
    """
    Whether a parameter is the function's own, not a lambda's or inner function's.
    """
    owner = source.enclosing(bound, cst.FunctionDef, cst.Lambda)
    return owner is source.function(name)


def _statements(source: PythonSource, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for around in source.ancestors(node):
        if isinstance(around, cst.BaseStatement):
            yield around
        if isinstance(around, cst.FunctionDef):
            return


def _block_of(source: PythonSource, node: cst.CSTNode) -> cst.CSTNode | None:
    line = next(_statements(source, node), None)
    return source.parent(line) if isinstance(line, cst.SimpleStatementLine) else None
