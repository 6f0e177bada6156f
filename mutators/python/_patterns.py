"""
Regular expressions with a small mistake.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import libcst as cst

from mutators.python._scopes import called

if TYPE_CHECKING:
    from mutators.python.source import PythonSource

_TAKERS = frozenset(
    ("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")
)
# Tried in this order; the first that makes another valid pattern is the mistake.
_MISTAKES = (
    (re.compile(r"(?<=[\])\w])(?<!\\\])\+(?![?+])"), ""),
    (re.compile(r"A-Za-z"), "a-z"),
    (re.compile(r"(?<=\))\?(?=['\"(\\$])"), ""),
    (re.compile(r"\{(\d+)\}"), lambda hit: f"{{{int(hit[1]) + 1}}}"),
    (re.compile(r"(?<=[\])\w])(?<!\\\])\*(?![?+*])"), "+"),
    (re.compile(r"\\d"), r"\\w"),
    (re.compile(r"(?<!\\)(\$|\\Z)(?=['\"])"), ""),
)  # fmt: skip


def other_pattern(source: PythonSource, node: cst.CSTNode) -> str:
    """
    Another regular expression for one that `re` is given as a plain literal, or nothing.
    """
    parent = source.parent(node)
    call = source.parent(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(node, cst.SimpleString) or not isinstance(call, cst.Call):
        return ""
    root = source.text(call.func).rpartition(".")[0]
    if root not in ("re", "regex") or called(call) not in _TAKERS or call.args[0] is not parent:
        return ""
    text = source.text(node)
    made = (pattern.sub(new, text, count=1) for pattern, new in _MISTAKES)
    return next((other for other in made if other != text and _compiles(other)), "")


def _compiles(text: str) -> bool:
    value = cst.parse_expression(text)
    pattern = value.evaluated_value if isinstance(value, cst.SimpleString) else ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error:
        return False
    return True
