"""
The names of one function or module: what they hold as far as the text tells, and their uses.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mutators.python._tree import Tree

_CALL_KINDS = {
    "len": "int", "int": "int", "ord": "int", "abs": "number", "float": "float", "str": "str",
    "repr": "str", "chr": "str", "bool": "bool", "isinstance": "bool", "list": "list",
    "sorted": "list", "dict": "dict", "set": "set", "tuple": "tuple", "open": "file",
    "frozenset": "set", "round": "number", "sum": "number",
}  # fmt: skip
_METHOD_KINDS = {
    "join": "str", "strip": "str", "lstrip": "str", "rstrip": "str", "lower": "str",
    "upper": "str", "format": "str", "replace": "str", "split": "list", "rsplit": "list",
    "splitlines": "list", "find": "int", "rfind": "int", "start": "int", "end": "int",
    "count": "int", "startswith": "bool", "endswith": "bool", "partition": "tuple",
    "keys": "keys", "items": "items", "values": "values", "title": "str", "capitalize": "str",
}  # fmt: skip


@dataclass(slots=True)
class Variable:
    """
    One name in one scope. `kinds` are annotation texts, literal kinds, calls that made it.

    `bound` and `read` are the bytes where that happens; `touched` the methods called on it.
    """

    name: str
    is_param: bool = False
    is_import: bool = False
    is_loop: bool = False
    kinds: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    bound: list[cst.CSTNode] = field(default_factory=list)
    read: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scope:
    """
    The variables of one function, or of a module (which is read from everywhere).
    """

    variables: Mapping[str, Variable]
    is_module: bool

    def kinds(self, name: str) -> frozenset[str]:
        known = self.variables.get(name)
        return frozenset(known.kinds) if known else frozenset()

    def is_stranded(self, name: str, gone: Sequence[tuple[int, int]]) -> bool:
        """
        Whether a linter would call a name unused once the spans in `gone` are away.
        """
        known = self.variables.get(name)
        if known is None or not known.read or known.is_param or known.is_loop:
            return False
        if self.is_module and not known.is_import:
            return False
        return all(any(start <= at < end for start, end in gone) for at in known.read)

    def alike(self, name: str, other: str) -> bool:
        """
        Whether two names hold the same kind of thing, by annotation, literal, maker or usage.
        """
        one, two = self.variables.get(name), self.variables.get(other)
        if one is None or two is None or one is two:
            return False
        if one.kinds and two.kinds:
            return bool(one.kinds & two.kinds)
        return bool(one.touched & two.touched)


def scope_of(source: Tree, owner: cst.FunctionDef | cst.Module) -> Scope:
    """
    The names that are bound in a function, nested functions' uses of them included.
    """
    is_module = isinstance(owner, cst.Module)
    variables: dict[str, Variable] = {}
    reads: dict[str, list[cst.Name]] = defaultdict(list)
    for name in source.all(cst.Name) if is_module else source.within(owner, cst.Name):
        if is_module and source.function(name) is not None and is_binding(source, name):
            continue
        if is_binding(source, name):
            _bind(source, variables, name)
        elif is_variable(source, name):
            reads[name.value].append(name)
    for variable in variables.values():
        for name in reads[variable.name]:
            variable.read.append(source.span(name)[0])
            variable.touched |= _touches(source, name)
    return Scope(variables, is_module)


def is_variable(source: Tree, name: cst.Name) -> bool:
    """
    Whether a name stands for a variable: not an attribute, keyword, or a definition's own name.
    """
    parent = source.parent(name)
    match parent:
        case cst.Attribute():
            return name is parent.value
        case cst.Arg():
            return name is parent.value
        case cst.FunctionDef() | cst.ClassDef() | cst.Global() | cst.NameItem():
            return False
    return not isinstance(parent, cst.ImportAlias | cst.ImportFrom | cst.AsName | cst.NameItem)


def is_binding(source: Tree, name: cst.Name) -> bool:
    """
    Whether a name is given its value here.
    """
    parent = source.parent(name)
    match parent:
        case cst.Param():
            return name is parent.name
        case cst.AsName() | cst.ImportAlias():
            return True
        case cst.AssignTarget() | cst.AnnAssign() | cst.AugAssign() | cst.NamedExpr():
            return name is parent.target
        case cst.For() | cst.CompFor():
            return name is parent.target
        case cst.Element() | cst.StarredElement() | cst.Tuple() | cst.List():
            return _is_target(source, parent)
        case cst.MatchAs() | cst.MatchStar():
            return True
    return False


def _is_target(source: Tree, node: cst.CSTNode) -> bool:
    parent = source.parent(node)
    match parent:
        case cst.Tuple() | cst.List() | cst.Element() | cst.StarredElement():
            return _is_target(source, parent)
        case cst.AssignTarget() | cst.For() | cst.CompFor():
            return node is parent.target
        case cst.AsName():
            return True
    return False


def _bind(source: Tree, variables: dict[str, Variable], name: cst.Name) -> None:
    variable = variables.setdefault(name.value, Variable(name.value))
    variable.bound.append(name)
    parent = source.parent(name)
    match parent:
        case cst.Param():
            variable.is_param = True
            variable.kinds |= annotated(source, parent.annotation)
            if parent.default is not None:
                variable.kinds |= literal_kinds(source, parent.default)
        case cst.AnnAssign():
            variable.kinds |= annotated(source, parent.annotation)
        case cst.AssignTarget():
            assign = source.parent(parent)
            if isinstance(assign, cst.Assign):
                variable.kinds |= literal_kinds(source, assign.value)
        case cst.NamedExpr():
            variable.kinds |= literal_kinds(source, parent.value)
        case cst.ImportAlias():
            variable.is_import = True
        case cst.AsName():
            variable.is_import = isinstance(source.parent(parent), cst.ImportAlias)
            if isinstance(source.parent(parent), cst.ExceptHandler):
                variable.kinds.add("exception")
        case _:
            _bind_loop(source, variable, name)


def _bind_loop(source: Tree, variable: Variable, name: cst.Name) -> None:
    loop = source.enclosing(name, cst.For, cst.CompFor, cst.Assign, cst.FunctionDef)
    if not isinstance(loop, cst.For | cst.CompFor):
        return
    variable.is_loop = True
    maker = called(loop.iter)
    if maker == "range" and loop.target is name:
        variable.kinds.add("int")
    if maker == "enumerate" and isinstance(loop.target, cst.Tuple):
        variable.kinds |= {"int"} if loop.target.elements[0].value is name else set()


def annotated(source: Tree, annotation: cst.Annotation | None) -> set[str]:
    """
    The annotation's text as a kind: without None, its alternatives sorted; none for Any.
    """
    if annotation is None:
        return set()
    text = source.text(annotation.annotation).strip("\"'")
    text = text.removeprefix("Optional[").removesuffix("]") if text.startswith("Opt") else text
    parts = {part.strip() for part in text.split("|")} - {"None", "Any", "object"}
    return {" | ".join(sorted(parts))} if parts else set()


def literal_kinds(source: Tree, node: cst.BaseExpression) -> set[str]:
    """
    What an expression makes, as far as its form tells: `int`, `str`, `call:make_it`.
    """
    match node:
        case cst.Integer():
            return {"int"}
        case cst.Float():
            return {"float"}
        case cst.SimpleString() | cst.FormattedString() | cst.ConcatenatedString():
            return {"bytes" if source.text(node)[:1] in "bB" else "str"}
        case cst.List() | cst.ListComp():
            return {"list"}
        case cst.Dict() | cst.DictComp():
            return {"dict"}
        case cst.Set() | cst.SetComp():
            return {"set"}
        case cst.Tuple():
            return {"tuple"}
        case cst.Name(value="True" | "False"):
            return {"bool"}
        case cst.Comparison() | cst.UnaryOperation(operator=cst.Not()):
            return {"bool"}
        case cst.Call():
            return _call_kinds(source, node)
    return set()


def _call_kinds(source: Tree, node: cst.Call) -> set[str]:
    name = called(node)
    table = _CALL_KINDS if isinstance(node.func, cst.Name) else _METHOD_KINDS
    return {table.get(name, "call:" + source.text(node.func))} if name else set()


def called(node: cst.CSTNode) -> str:
    """
    The bare name of what a call calls: `f` of `f(x)` and of `a.f(x)`, else nothing.
    """
    func = node.func if isinstance(node, cst.Call) else None
    if isinstance(func, cst.Attribute):
        return func.attr.value
    return func.value if isinstance(func, cst.Name) else ""


def _touches(source: Tree, name: cst.Name) -> set[str]:
    parent = source.parent(name)
    match parent:
        case cst.Attribute():
            return {"." + parent.attr.value}
        case cst.Subscript():
            return {"[]"} if name is parent.value else set()
        case cst.BinaryOperation():
            return {type(parent.operator).__name__}
    return set()


def names_in(source: Tree, nodes: Iterable[cst.CSTNode]) -> set[str]:
    """
    The variables that nodes read.
    """
    return {
        name.value
        for node in nodes
        for name in source.within(node, cst.Name)
        if is_variable(source, name) and not is_binding(source, name)
    }
