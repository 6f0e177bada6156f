"""
The functions of a Python file that nobody vouches for, by the interpreter's own guarded parser.

libcst is not used: on text that is made to hurt, it overflows its stack or takes minutes.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from typing import TYPE_CHECKING

from mutators.base import Outline, Refusal, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def outline(data: bytes) -> Outline | Refusal:
    """
    Every function and method, outer before inner, named as `symbol_at` names them.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
        shape = ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Refusal(f"cannot be parsed: {type(error).__name__}")
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    fingerprint = hashlib.sha256(shape.encode("utf-8", "surrogatepass")).digest()
    return Outline(tuple(_symbols(tree, starts)), fingerprint)


def _symbols(tree: ast.Module, starts: Sequence[int]) -> Iterator[Symbol]:
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, prefix = stack.pop()
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            name = f"{prefix}{node.name}"
            prefix = f"{name}."
            if isinstance(node, _FUNCTIONS):
                yield _symbol(node, name, starts)
        children = list(ast.iter_child_nodes(node))
        stack += ((child, prefix) for child in reversed(children))


def _symbol(
    node: ast.FunctionDef | ast.AsyncFunctionDef, name: str, starts: Sequence[int]
) -> Symbol:
    first = min((node.lineno, *(one.lineno for one in node.decorator_list)))
    last = min(node.end_lineno or node.lineno, len(starts) - 1)
    return Symbol(name, starts[min(first, last) - 1], starts[last], first, last)
