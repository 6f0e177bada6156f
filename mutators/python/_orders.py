"""
Other ways to call a function that sorts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mutators.python._scopes import called
from mutators.python._shapes import without_arg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.python.source import PythonSource


_UNORDERED = frozenset(("hash", "set", "frozenset", "sum", "len", "any", "all", "dict"))


def other_orders(source: PythonSource, call: cst.Call) -> Iterator[Edit]:
    """
    The same sort in the other direction, and with another key.
    """
    named = {arg.keyword.value: arg for arg in call.args if arg.keyword}
    if called(call) in ("sorted", "sort") and not _is_unordered(source, call):
        if "reverse" not in named:
            yield _with_reverse(source, call)
        elif source.text(named["reverse"].value) == "True":
            yield source.edit(*without_arg(source, call, named["reverse"]), "")
    if key := named.get("key"):
        yield from _other_keys(source, call, key)


def _is_unordered(source: PythonSource, call: cst.Call) -> bool:
    """
    Whether the sorted items end up in something whose order nobody sees.
    """
    for around in source.ancestors(call):
        if called(around) in _UNORDERED:
            return True
        if isinstance(around, cst.BaseStatement):
            return False
    return False


def _with_reverse(source: PythonSource, call: cst.Call) -> Edit:
    if not call.args:
        at = source.span(call)[1] - 1
        return source.edit(at, at, "reverse=True")
    last = call.args[-1]
    at = source.span(last)[1]
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        return source.edit(*source.span(last.value), f"({source.text(last.value)}), reverse=True")
    return source.edit(at, at, ", reverse=True")


def _other_keys(source: PythonSource, call: cst.Call, key: cst.Arg) -> Iterator[Edit]:
    value = key.value
    if isinstance(value, cst.Lambda):
        body = value.body
        if isinstance(body, cst.Tuple) and len(body.elements) > 1:
            first, second, *_ = body.elements
            yield source.edit(
                source.outer_span(first.value)[0],
                source.outer_span(second.value)[1],
                f"{_outer(source, second)}, {_outer(source, first)}",
            )
        elif isinstance(body, cst.Subscript) and (other := _other_item(source, body)):
            yield source.replace(body, other)
    elif not source.strands(value):
        yield source.edit(*without_arg(source, call, key), "")


def _outer(source: PythonSource, element: cst.BaseElement) -> str:
    return source.decode(*source.outer_span(element.value))


def _other_item(source: PythonSource, body: cst.Subscript) -> str:
    text, item = source.text(body.value), source.decode(*source.span(body))
    swaps = {f"{text}[0]": f"{text}[1]", f"{text}[1]": f"{text}[0]"}
    return swaps.get(item, "")
