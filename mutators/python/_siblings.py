"""
Which function a person could have meant to call, and did not.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

_PAIRS = (
    "startswith endswith", "lstrip rstrip", "find rfind", "index rindex", "split rsplit",
    "partition rpartition", "upper lower", "ljust rjust", "isdigit isalpha", "islower isupper",
    "union intersection", "appendleft append", "removeprefix removesuffix", "popleft pop",
    "issubset issuperset", "bisect_left bisect_right", "floor ceil", "nlargest nsmallest",
    "takewhile dropwhile", "start end",
)  # fmt: skip
_ONE_WAY = {
    "append": "extend", "extend": "append", "difference": "intersection", "keys": "values",
    "values": "keys", "search": "match", "match": "fullmatch", "fullmatch": "match",
    "title": "capitalize", "setdefault": "get", "pop": "get",
}  # fmt: skip
METHODS = {
    **_ONE_WAY,
    **{one: two for one, two in map(str.split, _PAIRS) if one not in ("appendleft", "popleft")},
    **{two: one for one, two in map(str.split, _PAIRS) if two not in ("append", "pop")},
    "appendleft": "append", "popleft": "pop",
}  # fmt: skip
FUNCTIONS = {
    "min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor",
    "nlargest": "nsmallest", "nsmallest": "nlargest", "takewhile": "dropwhile",
    "dropwhile": "takewhile",
}  # fmt: skip


_PLAIN = (cst.Name, cst.Attribute, cst.Subscript, cst.List, cst.Tuple)


def sibling(source: PythonSource, call: cst.Call) -> str:
    """
    The name to call instead, or nothing: of a function of the file, else of the language.
    """
    func = call.func
    if isinstance(func, cst.Name):
        return FUNCTIONS.get(func.value) or _neighbour(source, call, func.value, source.module)
    if not isinstance(func, cst.Attribute) or _is_same_for_both(source, call):
        return ""
    owner = source.enclosing(call, cst.ClassDef)
    if owner is not None and source.text(func.value) in ("self", "cls"):
        return _neighbour(source, call, func.attr.value, owner)
    return METHODS.get(func.attr.value, "")


def _is_same_for_both(source: PythonSource, call: cst.Call) -> bool:
    """
    Whether the method and its sibling agree: splits without a limit, `pop` of a sequence.
    """
    name = source.text(call.func).rpartition(".")[2]
    if name in ("split", "rsplit", "pop"):
        return len(call.args) < 2
    if name in ("append", "extend"):  # joined later, a text and its characters are the same
        plain = [arg.value for arg in call.args if isinstance(arg.value, _PLAIN)]
        return len(plain) != 1 or "str" in _kinds(source, plain[0])
    if name in ("start", "end", "keys", "values", "setdefault"):
        return name == "setdefault" or bool(call.args)
    return False


def _kinds(source: PythonSource, node: cst.BaseExpression) -> frozenset[str]:
    return source.scope(node).kinds(node.value) if isinstance(node, cst.Name) else frozenset()


def _neighbour(
    source: PythonSource, call: cst.Call, name: str, owner: cst.Module | cst.ClassDef
) -> str:
    """
    A function beside `name` that takes and gives the same, the one with the most similar name.
    """
    functions = {item.name.value: item for item in _functions(owner)}
    meant = functions.get(name)
    if meant is None or not _parameters(source, meant):
        return ""
    around = source.function(call)
    donors = [
        other
        for other, item in functions.items()
        if other != name
        and item is not around
        and _profile(source, item) == _profile(source, meant)
    ]
    alike = sorted(donors, key=lambda other: SequenceMatcher(None, name, other).ratio())
    return alike[-1] if alike else ""


def _functions(owner: cst.Module | cst.ClassDef) -> Iterator[cst.FunctionDef]:
    body = owner.body if isinstance(owner, cst.Module) else owner.body.body
    for item in body:
        if isinstance(item, cst.FunctionDef) and not item.name.value.startswith("__"):
            yield item


def _parameters(source: PythonSource, node: cst.FunctionDef) -> list[str]:
    names = [source.text(param) for param in source.within(node.params, cst.Param)]
    return [name for name in names if name not in ("self", "cls")]


def _profile(source: PythonSource, node: cst.FunctionDef) -> tuple[object, ...]:
    returns = source.text(node.returns) if node.returns else ""
    decorators = [source.text(item) for item in node.decorators]
    return _parameters(source, node), returns, decorators, node.asynchronous is None
