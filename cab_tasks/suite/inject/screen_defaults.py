"""
Defaults of a function that are plain values: those can be changed where the function exists.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

from .screen_change import has_same_header, is_same

if TYPE_CHECKING:
    from types import FunctionType

    from .screen_change import Function, Unit

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))


class Defaults:
    """
    New values, by place among the positional ones and by name among the others.
    """

    def __init__(self, placed: dict[int, Any], named: dict[str, Any]) -> None:
        self.placed = placed
        self.named = named

    def give(self, function: FunctionType) -> None:
        if self.placed:
            values = enumerate(function.__defaults__ or ())
            function.__defaults__ = tuple(self.placed.get(at, value) for at, value in values)
        if self.named:
            function.__kwdefaults__ = {**(function.__kwdefaults__ or {}), **self.named}


def changed_defaults(unit: Unit, becomes: Function) -> Defaults | None:
    """
    None where more than plain defaults has changed, or where a decorator may have read them.
    """
    old, new = unit.node, becomes
    if old.decorator_list or any(outer.decorator_list for outer in unit.classes):
        return None
    if not _is_same_but_for_defaults(old, new):
        return None
    names = [argument.arg for argument in old.args.kwonlyargs]
    placed = _changed(enumerate(zip(old.args.defaults, new.args.defaults)))  # noqa: B905
    named = _changed(zip(names, zip(old.args.kw_defaults, new.args.kw_defaults)))  # noqa: B905
    return None if placed is None or named is None else Defaults(placed, named)


def _changed(pairs: Any) -> dict[Any, Any] | None:
    found = {}
    for key, (old, new) in pairs:
        if is_same(old, new):
            continue
        if not (_is_plain(old) and _is_plain(new)):
            return None
        found[key] = ast.literal_eval(new)
    return found


def _is_plain(node: Any) -> bool:
    try:
        return type(ast.literal_eval(node)) in _PLAIN
    except (ValueError, TypeError, SyntaxError):
        return False


def _is_same_but_for_defaults(old: Function, new: Function) -> bool:
    bare = copy.copy(new)
    bare.args = copy.copy(new.args)
    bare.args.defaults, bare.args.kw_defaults = old.args.defaults, old.args.kw_defaults
    return len(old.args.defaults) == len(new.args.defaults) and has_same_header(old, bare)
