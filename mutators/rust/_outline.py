"""
The functions of a Rust file that nobody vouches for.
"""

from __future__ import annotations

import hashlib

from mutators.base import Outline, Refusal, Symbol
from mutators.rust._syntax import Node, is_comment, line_of, sane_tree, walk
from mutators.rust.source import symbol_name


def outline(data: bytes) -> Outline | Refusal:
    """
    Every function and method, outer before inner, named as `symbol_at` names them.
    """
    root = sane_tree(data)
    if isinstance(root, Refusal):
        return root
    digest = hashlib.sha256()
    functions = []
    for node in walk(root, lambda node: not is_comment(node)):
        if node.type == "function_item":
            functions.append(_symbol(node))
        if not node.children:
            digest.update((node.text or b"") + b"\0")
    return Outline(tuple(functions), digest.digest())


def _symbol(function: Node) -> Symbol:
    end_row, end_column = function.end_point
    return Symbol(
        name=symbol_name(function),
        start=function.start_byte,
        end=function.end_byte,
        first_line=line_of(function),
        last_line=end_row + (end_column > 0),
    )
