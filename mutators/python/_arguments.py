"""
Arguments that a call could do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.python._scopes import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.python.source import PythonSource

# How many arguments these methods need; what comes after changes what they do.
_NEEDED = {
    "split": 1, "rsplit": 1, "replace": 2, "round": 1, "strip": 0, "lstrip": 0, "rstrip": 0,
    "enumerate": 1, "find": 1, "rfind": 1, "index": 1, "startswith": 1, "sum": 1, "sub": 2,
    "ljust": 1, "rjust": 1, "center": 1, "int": 1, "encode": 0, "decode": 0, "log": 1,
    "match": 1, "search": 1,
}  # fmt: skip
_SEEN_ELSEWHERE = frozenset(
    ("stacklevel", "file", "flush", "check", "encoding", "errors", "timeout", "maxsize", "daemon",
     "key", "reverse", "default", "repr", "compare", "slots", "frozen", "init", "kw_only", "name",
     "last", "flags", "copy")
)  # fmt: skip


# Their keywords are data.
_FIELDS = frozenset(
    ("dict", "update", "replace", "_replace", "format", "type", "field", "partial", "setdefault")
)


def optional_arguments(source: PythonSource, call: cst.Call) -> Iterator[cst.Arg]:
    """
    The arguments of a call that its function has another default for; the last one by position.
    """
    if any(arg.star for arg in call.args) or not call.args:
        return
    function = _definition(source, call)
    for arg in call.args:
        if function is not None:
            default = _default(source, function, call, arg)
            if default and default != source.text(arg.value):
                yield arg
        elif arg.keyword is not None:
            if arg.keyword.value not in _SEEN_ELSEWHERE and _is_function(source, call):
                yield arg
        elif arg is call.args[-1] and len(call.args) > _NEEDED.get(called(call), len(call.args)):
            yield arg


def _is_function(source: PythonSource, call: cst.Call) -> bool:
    """
    Whether a call is of a function, by its lower-case name: classes mostly need their fields.
    """
    name = called(call)
    return name.islower() and name not in _FIELDS


def _definition(source: PythonSource, call: cst.Call) -> cst.FunctionDef | None:
    """
    The function of the same file that is called by its name, or by `self` and its name.
    """
    name = called(call)
    is_method = isinstance(call.func, cst.Attribute)
    if is_method and source.text(call.func).split(".")[0] not in ("self", "cls"):
        return None
    owner = source.enclosing(call, cst.ClassDef) if is_method else None
    for item in source.all(cst.FunctionDef):
        if item.name.value == name and source.definition(item) is owner:
            return item
    return None


def _default(source: PythonSource, function: cst.FunctionDef, call: cst.Call, arg: cst.Arg) -> str:
    """
    The text of the default of the parameter that an argument is for; empty if it has none, or
    if leaving the argument out would move the ones after it.
    """
    params = [*function.params.posonly_params, *function.params.params]
    if params and params[0].name.value in ("self", "cls"):
        params = params[1:]
    if arg.keyword is not None:
        named = {item.name.value: item for item in (*params, *function.params.kwonly_params)}
        param = named.get(arg.keyword.value)
    else:
        positional = [item for item in call.args if item.keyword is None]
        at = next(place for place, item in enumerate(call.args) if item is arg)
        is_last = bool(positional) and arg is positional[-1]
        param = params[at] if is_last and at < len(params) else None
    return source.text(param.default) if param is not None and param.default is not None else ""
