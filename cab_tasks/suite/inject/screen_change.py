"""
What an edit changes: one function's body, told by syntax trees, or more than that.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Function = ast.FunctionDef | ast.AsyncFunctionDef
    Edits = list[tuple[int, bytes, bytes]]  # start, old, new

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Unit:
    """
    The outermost function around an edit, and the classes that it is in, outermost first.
    """

    def __init__(self, node: Function, classes: tuple[ast.ClassDef, ...]) -> None:
        self.node = node
        self.classes = classes
        self.first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
        self.last = end_of(node)

    def body_lines(self) -> range:
        """
        Without the header, which runs where the function is made.
        """
        return range(_first_line(self.node.body[0]), self.last + 1)


class Source:
    """
    One file as it was: bytes, syntax tree, and where its lines start.
    """

    def __init__(self, data: bytes, filename: str) -> None:
        """
        Raises:
            SyntaxError: it is no Python of this interpreter.
        """
        self.data = data
        self.filename = filename
        self.tree = ast.parse(data, filename)
        self.encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        self._imports: list[ast.stmt] | None = None
        self._units: dict[int, Unit] = {}
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(data)), len(data)]

    def unit_around(self, edits: Edits) -> Unit | None:
        """
        None where the edits are not all inside of one function.
        """
        first = self._line_at(min(start for start, _, _ in edits))
        last = self._line_at(max(start + max(len(old) - 1, 0) for start, old, _ in edits))
        return self.unit_at(first, last)

    def unit_at(self, first: int, last: int) -> Unit | None:
        """
        The outermost function with these lines; the same one each time.
        """
        unit = _unit(self.tree.body, first, last, ())
        return unit and self._units.setdefault(unit.first, unit)

    def edited(self, edits: Edits) -> bytes:
        return _apply(self.data, edits, 0)

    def imports(self) -> list[ast.stmt]:
        """
        The names that the module imports, as one statement; none of `__future__`.
        """
        if self._imports is None:
            names = dict.fromkeys(_imported(self.tree.body))
            nodes = [ast.Import([ast.alias(name, None) for name in names])] if names else []
            self._imports = [ast.fix_missing_locations(node) for node in nodes]
        return list(self._imports)

    def raising_before(self, statement: ast.stmt) -> Edits:
        """
        An error raised where a statement starts; none if something stands before it on its line.
        """
        start = self._starts[statement.lineno - 1]
        place = start + statement.col_offset
        indent = self.data[start:place]
        if indent.strip() or _decorators(statement):
            return []
        return [(place, b"", b'raise RuntimeError("canary")\n' + indent)]

    def mutated(self, unit: Unit, edits: Edits) -> Function | None:
        """
        The function as it becomes; None where that alone cannot be told.
        """
        start, end = self._starts[unit.first - 1], self._starts[unit.last]
        text = _apply(self.data[start:end], edits, start).decode(self.encoding)
        is_indented = text[:1] in (" ", "\t", "\f")
        above = "\n" * (unit.first - 1)  # so that each line has its number
        if is_indented:
            above = "\n" * (unit.first - 2) + "if 1:\n"
        try:
            tree = ast.parse(above + text)
        except (SyntaxError, ValueError):
            return None
        body = tree.body[0].body if is_indented else tree.body  # type: ignore[attr-defined]
        if len(tree.body) != 1 or len(body) != 1 or not isinstance(body[0], type(unit.node)):
            return None
        node: Function = body[0]
        return node

    def _line_at(self, offset: int) -> int:
        low, high = 0, len(self._starts) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle - 1)
        return low + 1


def has_same_header(one: Function, other: Function) -> bool:
    """
    Whether only the body differs, and not its docstring.
    """
    return is_same(_without_body(one), _without_body(other)) and ast.get_docstring(
        one, clean=False
    ) == ast.get_docstring(other, clean=False)


def touched_lines(old: Function, new: Function) -> set[int]:
    """
    Lines of the statements that differ, as they were; of compound ones that change in their head,
    the head.
    """
    return {line for part in _differing(old.body, new.body, _head(old)) for line in part}


def is_same(one: Any, other: Any) -> bool:
    """
    Whether two syntax trees are equal but for places.
    """
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        for name in one._fields:  # a loop: this is run for each node of each mutant's function
            if not is_same(getattr(one, name, None), getattr(other, name, None)):
                return False
        return True
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, (tuple, complex, float)):
        return repr(one) == repr(other)
    return bool(one == other)


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """
    Of all blocks of a statement; not what is inside of these.
    """
    for name in _BLOCKS:
        for part in getattr(node, name, ()):
            if isinstance(part, ast.stmt):
                yield part
            else:
                yield from statements(part)


def end_of(node: Any) -> int:
    return int(node.end_lineno or node.lineno)


def _apply(data: bytes, edits: Edits, base: int) -> bytes:
    parts, at = [], 0
    for start, old, new in sorted(edits):
        parts += [data[at : start - base], new]
        at = start - base + len(old)
    return b"".join([*parts, data[at:]])


def _unit(
    body: Iterable[ast.AST], first: int, last: int, classes: tuple[ast.ClassDef, ...]
) -> Unit | None:
    for node in body:
        if isinstance(node, _FUNCTIONS):
            unit = Unit(node, classes)
            if unit.first <= first and last <= unit.last:
                return unit
        elif node.lineno <= first and last <= end_of(node):  # type: ignore[attr-defined]
            inner = (*classes, node) if isinstance(node, ast.ClassDef) else classes
            return _unit(statements(node), first, last, inner)
    return None


def _imported(body: Iterable[ast.AST]) -> Iterator[str]:
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
            for alias in () if is_future else node.names:
                if alias.name != "*":
                    yield alias.asname or alias.name.partition(".")[0]
        elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield from _imported(statements(node))


def _without_body(node: Function) -> list[Any]:
    return [getattr(node, name, None) for name in node._fields if name != "body"]


def _differing(old: list[Any], new: list[Any], around: range) -> Iterator[range]:
    """
    Line ranges of one block's statements that differ; `around` is what leads into the block.
    """
    first = 0
    while first < min(len(old), len(new)) and is_same(old[first], new[first]):
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and is_same(old[-1 - last], new[-1 - last]):
        last += 1
    was, becomes = old[first : len(old) - last], new[first : len(new) - last]
    if len(was) == len(becomes):
        for one, other in zip(was, becomes):  # noqa: B905 - Python 3.8 has no strict
            yield from _within(one, other)
    elif was:
        yield range(_first_line(was[0]), end_of(was[-1]) + 1)
    elif first:
        yield _span(old[first - 1])  # what comes after it is new
    else:
        yield _span(old[0]) if old else around


def _within(old: Any, new: Any) -> Iterator[range]:
    """
    Where two statements at one place differ.
    """
    blocks = [name for name in _BLOCKS if isinstance(getattr(old, name, None), list)]
    if type(old) is not type(new) or not blocks:
        yield _span(old)
        return
    others = [name for name in old._fields if name not in blocks]
    head = _head(old)
    if not all(is_same(getattr(old, name, None), getattr(new, name, None)) for name in others):
        yield head
    for name in blocks:
        one, other = getattr(old, name), getattr(new, name)
        if name not in ("handlers", "cases"):
            yield from _differing(one, other, head)
        elif len(one) != len(other):
            yield head
        else:
            for part, part_becomes in zip(one, other):  # noqa: B905 - likewise
                if not is_same(part, part_becomes):
                    yield from _within(part, part_becomes)


def _head(node: Any) -> range:
    """
    The lines of a compound statement before its block; of a `case`, those of its pattern.
    """
    first = _first_line(node)
    return range(first, max(first + 1, _first_line(node.body[0])))


def _span(node: Any) -> range:
    return range(_first_line(node), end_of(node) + 1)


def _first_line(node: Any) -> int:
    place = node if hasattr(node, "lineno") else node.pattern
    return int(min([place.lineno, *(part.lineno for part in _decorators(node))]))


def _decorators(node: Any) -> list[Any]:
    return getattr(node, "decorator_list", None) or []
