"""
Literals that decide how code behaves by default.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from mutators.python.source import PythonSource

# Capitals alone may be one of several codes, whose numbers do not matter.
_CONSTANT = re.compile(
    r"^_?([A-Z0-9]+_)*(MAX|MIN|LIMIT|SIZE|COUNT|TIMEOUT|DEFAULT|LEN|LENGTH|BASE|WIDTH|DEPTH|RETRIES"
    r"|ATTEMPTS|PRECISION|DIGITS|INDENT|FACTOR|SECONDS|DAYS|OFFSET|LEVEL|STEP)(_[A-Z0-9]+)*$"
)
_FLAGS = {"True": "False", "False": "True"}


def other_setting(source: PythonSource, node: cst.CSTNode) -> str:
    """
    Another value for a literal, if it is a parameter's default, a constant or a keyword's flag.
    """
    parent = source.parent(node)
    if isinstance(node, cst.Name):
        is_flag = isinstance(parent, cst.Arg) and parent.keyword and parent.value is node
        return _FLAGS.get(node.value, "") if is_flag or _is_default(source, node) else ""
    if isinstance(node, cst.Integer) and (_is_default(source, node) or _is_constant(source, node)):
        value = int(node.value, 0)
        if value >= 10 and value % 10 == 0:
            return str(value // 10)
        return str(value - 1 if value > 1 else value + 1)
    return ""


def _is_default(source: PythonSource, node: cst.CSTNode) -> bool:
    parent = source.parent(node)
    if not isinstance(parent, cst.Param) or parent.default is not node:
        return False
    return source.enclosing(node, cst.Lambda) is None


def _is_constant(source: PythonSource, node: cst.CSTNode) -> bool:
    """
    Whether a number is the whole value of a name in capitals, at module or class level.
    """
    parent = source.parent(node)
    owner = source.definition(node)
    bases = owner.bases if isinstance(owner, cst.ClassDef) else ()
    if source.function(node) is not None or any("Enum" in source.text(base) for base in bases):
        return False
    if isinstance(parent, cst.AnnAssign):
        return bool(_CONSTANT.match(source.text(parent.target)))
    return isinstance(parent, cst.Assign) and all(
        _CONSTANT.match(source.text(item.target)) for item in parent.targets
    )
