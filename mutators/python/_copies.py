"""
Copies, what they are copies of, and whether it matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.python._scopes import called

if TYPE_CHECKING:
    from mutators.python.source import PythonSource

_CONSTRUCTORS = frozenset(("list", "dict", "set", "OrderedDict", "deque"))
_CHANGES = frozenset(
    ("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "add",
     "discard", "setdefault", "popitem", "appendleft", "popleft", "difference_update",
     "intersection_update")
)  # fmt: skip
_PLAIN = (cst.Name, cst.Attribute, cst.Subscript)


def original(source: PythonSource, node: cst.BaseExpression) -> str:
    """
    What `list(x)`, `x.copy()`, `x[:]`, `copy.copy(x)` copies; for `deepcopy` the shallow copy.
    """
    if isinstance(node, cst.Subscript):
        return source.text(node.value) if source.decode(*source.span(node)).endswith("[:]") else ""
    if not isinstance(node, cst.Call) or any(arg.keyword or arg.star for arg in node.args):
        return ""
    text = source.text(node.func)
    if text == "copy.deepcopy" and len(node.args) == 1:
        return source.decode(*source.span(node)).replace("deepcopy", "copy", 1)
    if text == "copy.copy" and len(node.args) == 1 and not source.strands(node.func):
        return source.text(node.args[0].value)
    if isinstance(node.func, cst.Attribute) and node.func.attr.value == "copy":
        return "" if node.args else source.text(node.func.value)
    is_constructor = text in _CONSTRUCTORS and len(node.args) == 1
    if is_constructor and isinstance(node.args[0].value, _PLAIN):
        return "" if source.strands(node.func) else source.text(node.args[0].value)
    return ""


def is_kept(source: PythonSource, copy: cst.CSTNode) -> bool:
    """
    Whether a copy is stored in an object, or in a variable that the function then changes.
    """
    target = source.parent(copy)
    if isinstance(target, cst.Assign | cst.AnnAssign):
        targets = (
            [item.target for item in target.targets]
            if isinstance(target, cst.Assign)
            else [target.target]
        )
        return any(
            isinstance(item, cst.Attribute)
            or (isinstance(item, cst.Name) and _is_changed(source, copy, item.value))
            for item in targets
        )
    return (
        isinstance(target, cst.Return)
        and source.function(copy) is not None
        and ("self." in source.text(copy))
    )


def _is_changed(source: PythonSource, copy: cst.CSTNode, name: str) -> bool:
    function = source.function(copy)
    if function is None:
        return False
    after = source.span(copy)[1]
    return any(
        item.value == name and source.span(item)[0] > after and _changes(source, item)
        for item in source.within(function, cst.Name)
    )


def _changes(source: PythonSource, name: cst.Name) -> bool:
    parent = source.parent(name)
    around = source.parent(parent) if parent is not None else None
    if isinstance(parent, cst.Attribute) and isinstance(around, cst.Call):
        return called(around) in _CHANGES
    if isinstance(parent, cst.Attribute | cst.Subscript):
        return isinstance(around, cst.AssignTarget | cst.AugAssign | cst.Del)
    return isinstance(parent, cst.AugAssign | cst.Del)
