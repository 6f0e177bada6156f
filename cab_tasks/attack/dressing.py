"""
Other texts of the same meaning: how honest people may write the reference fix.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks.attack.record import UnfitError
from mutators.base import Refusal
from mutators.registry import bridge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Symbol

PYTHON_HELPER = '''"""
What the fix shares.
"""


def same(value):
    return value
'''
RUST_HELPER = "//! What the fix shares.\n\npub(crate) fn same<T>(value: T) -> T {\n    value\n}\n"
HELPER = "own_help"
_LET = re.compile(r"\blet (?:mut )?([a-z_][a-z0-9_]*)\b(?!\s*[({])")
_BODY = re.compile(r"\{\n")


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where in a file the fix is.
    """

    language: str
    line: int


def turned_round(text: str, place: Place) -> str:
    """
    Python: each `if … else` with its arms swapped. Rust: the function's body in a block of its own.
    """
    if place.language == "python":
        return ast.unparse(_Turned().visit(_parsed(text))) + "\n"
    start, end = _rust_body(text, place)
    return f"{text[:start]}{{\n    let made = {text[start:end]};\n    made\n}}{text[end:]}"


def reformatted(text: str, place: Place) -> str:
    """
    Python: as the standard library would print it. Rust: indented by twice as much.
    """
    if place.language == "python":
        return ast.unparse(_parsed(text)) + "\n"
    if any(line.count('"') % 2 for line in text.splitlines()):
        raise UnfitError("texts of several lines")
    lines = (f"{' ' * (len(line) - len(line.lstrip(' ')))}{line}" for line in text.split("\n"))
    return "\n".join(lines)


def renamed_local(text: str, place: Place) -> str:
    """
    One variable of the function that was mended, under another name.
    """
    if place.language == "python":
        return _renamed_python(text, place)
    symbol = _symbol(text, place)
    body = text.encode()[symbol.start : symbol.end].decode()
    for name in _LET.findall(body):
        if name == "_" or re.search(rf'"[^"]*\b{name}\b|\.{name}\b|\b{name}\s*:', body):
            continue
        if len(re.findall(rf"\b{name}\b\s*[,}}]", body)):
            continue  # perhaps a field that is initialised by its own name
        changed = re.sub(rf"\b{name}\b", f"{name}_here", body)
        return text.replace(body, changed, 1)
    raise UnfitError("no local variable that is safe to rename")


def with_helper(text: str, language: str, place: Place) -> tuple[str, str]:
    """
    The name of a helper module, and a text whose mended function goes through it.
    """
    if language == "rust":
        start, end = _rust_body(text, place)
        wrapped = f"{{\n    crate::{HELPER}::same({text[start:end]})\n}}"
        return HELPER, text[:start] + wrapped + text[end:]
    function = _function(_parsed(text), place)
    lines = text.splitlines(keepends=True)
    for node in ast.walk(function):
        is_plain = isinstance(node, ast.Return) and node.value is not None
        if is_plain and isinstance(node, ast.Return) and node.lineno == node.end_lineno:
            at = node.lineno - 1
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            inner = "__import__('importlib').import_module"
            module = f"(__package__ + '.' if __package__ else '') + '{HELPER}'"
            value = ast.get_source_segment(text, node.value) if node.value else "None"
            if lines[at].strip() == f"return {value}":
                lines[at] = f"{indent}return {inner}({module}).same({value})\n"
                return HELPER, "".join(lines)
    raise UnfitError("the mended function returns nothing on a line of its own")


class _Turned(ast.NodeTransformer):
    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        if not node.orelse:
            return node
        test = ast.UnaryOp(op=ast.Not(), operand=node.test)
        return ast.copy_location(ast.If(test=test, body=node.orelse, orelse=node.body), node)


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise UnfitError("another version's Python") from error


def _function(tree: ast.Module, place: Place) -> ast.FunctionDef:
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.lineno <= place.line <= (node.end_lineno or node.lineno)
    ]
    if not found:
        raise UnfitError("the fix is in no function")
    return found[-1]


def _renamed_python(text: str, place: Place) -> str:
    function = _function(_parsed(text), place)
    inner = [node for node in ast.walk(function) if node is not function]
    if any(
        isinstance(node, (ast.FunctionDef, ast.Lambda, ast.Global, ast.Nonlocal)) for node in inner
    ):
        raise UnfitError("names of inner functions are not looked into")
    names = [node for node in inner if isinstance(node, ast.Name)]
    printed = [one for node in inner if isinstance(node, ast.JoinedStr) for one in ast.walk(node)]
    taken = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
    taken |= {one.id for one in printed if isinstance(one, ast.Name)}
    stored = [one.id for one in names if isinstance(one.ctx, ast.Store) and one.id not in taken]
    caught = {one.name for one in inner if isinstance(one, ast.ExceptHandler)}
    for name in stored:
        if name not in caught:
            return _replaced(text, name, names)
    raise UnfitError("no local variable that is safe to rename")


def _replaced(text: str, name: str, names: list[ast.Name]) -> str:
    lines = text.encode().splitlines(keepends=True)
    places = sorted(
        ((one.lineno - 1, one.col_offset) for one in names if one.id == name), reverse=True
    )
    for line, column in places:
        data = lines[line]
        end = column + len(name.encode())
        lines[line] = data[:column] + f"{name}_here".encode() + data[end:]
    return b"".join(lines).decode()


def _symbol(text: str, place: Place) -> Symbol:
    source = bridge(place.language).parse(text.encode(), "x")
    if isinstance(source, Refusal):
        raise UnfitError(source.reason)
    offset = sum(len(line.encode()) for line in text.splitlines(keepends=True)[: place.line - 1])
    for at in _offsets(text, place, offset):
        symbol: Symbol | None = source.symbol_at(at)
        if symbol is not None:
            return symbol
    raise UnfitError("the fix is in no function")


def _offsets(text: str, place: Place, start: int) -> Iterator[int]:
    line = text.splitlines()[place.line - 1] if place.line <= text.count("\n") else ""
    yield start + len(line) - len(line.lstrip())
    yield start


def _rust_body(text: str, place: Place) -> tuple[int, int]:
    """
    First and last character of the body of the function that was mended, braces included.
    """
    symbol = _symbol(text, place)
    data = text.encode()
    head = len(data[: symbol.start].decode())
    body = data[symbol.start : symbol.end].decode()
    found = _BODY.search(body)
    if found is None or "fn " not in body[: found.start()] or "const fn" in body[: found.start()]:
        raise UnfitError("no function with a body of its own")
    return head + found.start(), head + len(body.rstrip())
