"""
Tests that do not say what they expect: where one would fail without a fix, it tells what it got.

All that stands after that place goes, and what stands before it passes without a fix. So the code
under test, whatever it reads, has nothing that could tell it whether it is right.
"""

from __future__ import annotations

import ast
import contextlib
import io
import tokenize
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Refusal, apply_edits
from mutators.python._twin_rows import Table, table_of
from mutators.python._twins import (
    EQUALITIES,
    assignments,
    is_name,
    last_name,
    statements_at,
)
from mutators.python.source import parse_kept
from mutators.python.tests import definitions
from mutators.twins import DATACLASS, MARK, UNKNOWN, Blinded, BlindFunction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mutators.python.source import PythonSource
    from mutators.twins import Failures

    # Where a value is written, by row of a table; None: in no table.
    _Cells = list[tuple[int | None, cst.BaseExpression]]

_LONGEST = 300  # bytes of a value: a message is cut at 2,000, and an equal one may be longer
_SECRET = 4  # a shorter value stands anywhere by chance
_SAME = EQUALITIES - {"assertSequenceEqual"}  # a list may equal a tuple there
_BLOCKS = (cst.FunctionDef, cst.ClassDef, cst.For, cst.While, cst.Try, cst.If, cst.Match)
_HELPER = """

def _cab_plain(value):
    import collections, collections.abc, dataclasses

    for kind in (bool, int, float, complex, str, bytes):
        if isinstance(value, kind):
            return kind.__repr__(value)
    if value is None:
        return "None"
    if isinstance(value, collections.UserString):
        return _cab_plain(value.data)
    if isinstance(value, (bytearray, memoryview)):
        return _cab_plain(bytes(value))
    if isinstance(value, dict):
        pairs = dict.items(value)
    elif isinstance(value, collections.abc.Mapping):
        pairs = [(key, value[key]) for key in value]
    else:
        pairs = None
    if pairs is not None:
        return "{" + ", ".join(_cab_plain(k) + ": " + _cab_plain(v) for k, v in pairs) + "}"
    for kind, ends in ((list, "[]"), (tuple, "()"), (collections.abc.Set, "{}")):
        if isinstance(value, kind):
            parts = [_cab_plain(part) + "," for part in value]
            return ends[0] + "".join(parts) + ends[1] if parts or ends != "{}" else "set()"
    made = getattr(type(value).__eq__, "__code__", None)
    if dataclasses.is_dataclass(value) and made is not None and made.co_filename == "<string>":
        fields = [one.name for one in dataclasses.fields(value) if one.compare]
        own = {name: getattr(value, name) for name in fields}
        return "('OF', " + repr(type(value).__name__) + ", " + _cab_plain(own) + ")"
    for kind in (int, float):
        try:
            if kind(value) == value:
                return kind.__repr__(kind(value))
        except (TypeError, ValueError, OverflowError):
            pass
    return "<" + type(value).__name__ + ">"


def _cab_tell(value):
    raise AssertionError("MARK " + _cab_plain(value).encode("utf-8", "replace").hex())
""".replace("MARK", MARK).replace("'OF'", repr(DATACLASS))


@dataclass(frozen=True, slots=True)
class _Spot:
    """
    A statement of a test, the value in it, what it is compared with, and where that is written.
    """

    statement: cst.CSTNode
    got: cst.BaseExpression
    expected: cst.BaseExpression
    cells: _Cells


def blinded(
    data: bytes, functions: Sequence[tuple[tuple[str, ...], Failures]]
) -> Blinded | Refusal:
    """
    A test file in which some functions tell what they got; those that cannot be made to are gone.

    `functions` are all that fail without a fix: names, and where and how they do.
    """
    source = parse_kept(data)
    if isinstance(source, Refusal):
        return source
    if not _is_utf8(data):
        return Refusal("not UTF-8")
    places = {}
    # By function: one of a base class is several tests.
    lines: dict[cst.FunctionDef, set[int]] = defaultdict(set)
    for names, failures in functions:
        function = _defined(source, names)
        if isinstance(function, Refusal):
            return function
        places[names] = function
        lines[function] |= {line for line, _ in failures}
    made = {function: _Function(source, function).blinded(own) for function, own in lines.items()}
    edits: list[Edit] = []
    for function, blind in made.items():
        if blind is None or not _compiles(data, blind.edits):
            made[function] = None
            edits.append(_gone(source, function))
        else:
            edits += blind.edits
    if not _compiles(data, edits):
        return Refusal("without what it expects it is no Python any more")
    shown = _Shown(apply_edits(data, edits))
    end = b"" if data.endswith(b"\n") else b"\n"
    edits.append(Edit(len(data), b"", end + _HELPER.encode()))
    telling = {
        names: replace(blind, values=shown.secret(blind.values))
        for names, function in places.items()
        if (blind := made[function]) is not None
    }
    return Blinded(tuple(edits), telling)


def _defined(source: PythonSource, names: tuple[str, ...]) -> cst.FunctionDef | Refusal:
    found = definitions(source, names)
    if len(found) != 1 or not isinstance(found[0], cst.FunctionDef):
        return Refusal(f"{'.'.join(names)}: defined {len(found)} times, or by no function")
    return found[0]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Shown:
    """
    What still stands in a blind file: its literals, and its comments and docstrings as a text.
    """

    def __init__(self, data: bytes) -> None:
        self._literals = []
        for node in ast.walk(ast.parse(data)):
            if isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set):
                with contextlib.suppress(ValueError, TypeError, RecursionError):
                    self._literals.append(ast.literal_eval(node))
        tokens = tokenize.tokenize(io.BytesIO(data).readline)
        kinds = (tokenize.COMMENT, tokenize.STRING)
        self._text = "\n".join(token.string for token in tokens if token.type in kinds)

    def secret(self, values: Mapping[int | None, str]) -> dict[int | None, str]:
        """
        Those that do not stand there: who reads them there need not compute them.
        """
        return {row: value for row, value in values.items() if not self._has(value)}

    def _has(self, value: str) -> bool:
        if value.startswith(UNKNOWN):
            return False
        if len(value) < _SECRET:
            return False
        plain = ast.literal_eval(value)
        text = plain if isinstance(plain, str) else value
        is_literal = any(type(one) is type(plain) and one == plain for one in self._literals)
        return is_literal or text in self._text


def _compiles(data: bytes, edits: Sequence[Edit]) -> bool:
    try:
        compile(apply_edits(data, edits), "<blind>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _gone(source: PythonSource, function: cst.FunctionDef) -> Edit:
    start, end = source.line_span(function)
    return Edit(start, source.data[start:end], source.indent(function).encode() + b"pass\n")


class _Function:
    def __init__(self, source: PythonSource, function: cst.FunctionDef) -> None:
        self._source = source
        self._function = function
        self._table: Table | None = table_of(source, function)

    def blinded(self, lines: set[int]) -> BlindFunction | None:
        """
        None where no comparison with a written value fails, or not just one.
        """
        spots = {id(spot.statement): spot for line in lines for spot in self._spots(line)}
        if len(spots) != 1:
            return None
        (spot,) = spots.values()
        if self._is_inside_block(spot.statement):
            return None
        values = self._values(spot.cells)
        if not values:
            return None
        hidden = list(self._hidden(spot.cells)) if isinstance(spot.expected, cst.Name) else []
        start = self._source.line_start(self._source.span(spot.statement)[0])
        end = self._source.line_span(self._function)[1]
        indent = self._source.indent(spot.statement)
        got = self._source.text(spot.got)
        tells = f"{indent}_cab_tell((\n{got}\n{indent}))\n"
        hidden.append(Edit(start, self._source.data[start:end], tells.encode()))
        table = self._table
        if table is None or None in values:
            return BlindFunction(tuple(hidden), values)
        return BlindFunction((*hidden, *table.fixed), values, table.patterns, table.ids)

    def _spots(self, line: int) -> Iterator[_Spot]:
        """
        Of the statement on a line; where the line is not known, of the only assertion.
        """
        around = statements_at(self._source, self._function, line)
        if not around:
            spots = [
                spot
                for node in self._source.within(self._function.body, cst.SimpleStatementLine)
                for spot in self._of_statement(node)
            ]
            asserts = list(self._source.within(self._function.body, cst.Assert))
            yield from spots if len(spots) == 1 and len(asserts) <= 1 else ()
            return
        yield from self._of_statement(around[-1])

    def _of_statement(self, node: cst.CSTNode) -> Iterator[_Spot]:
        body = node.body if isinstance(node, cst.SimpleStatementLine) else ()
        small = body[0] if len(body) == 1 else None
        sides: Sequence[cst.BaseExpression] = ()
        if isinstance(small, cst.Assert) and isinstance(small.test, cst.Comparison):
            targets = small.test.comparisons
            if len(targets) == 1 and isinstance(targets[0].operator, cst.Equal):
                sides = (small.test.left, targets[0].comparator)
        elif isinstance(small, cst.Expr) and isinstance(small.value, cst.Call):
            call = small.value
            plain = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
            if last_name(call.func) in self._equalities() and len(plain) >= 2:
                sides = plain[:2]
        if not sides:
            return
        written = [pair for pair in (sides, sides[::-1]) if self._cells(pair[1])]
        literal = [pair for pair in written if not isinstance(pair[1], cst.Call)]
        chosen = literal or written
        if len(chosen) == 1:  # else nobody knows which of them the product makes
            got, expected = chosen[0]
            yield _Spot(node, got, expected, self._cells(expected))

    def _equalities(self) -> frozenset[str]:
        """
        unittest's assertions that are `==`, where nobody has changed what they mean.
        """
        changed = {node.name.value for node in self._source.all(cst.FunctionDef)} & EQUALITIES
        return frozenset() if changed or b"addTypeEqualityFunc" in self._source.data else _SAME

    def _values(self, cells: _Cells) -> dict[int | None, str]:
        """
        What is expected, as Python writes it, by row of the table.
        """
        found = {}
        for row, cell in cells:
            if isinstance(cell, cst.Call) and _is_written(cell):
                found[row] = UNKNOWN + last_name(cell.func)
                continue
            start, end = self._source.outer_span(cell)
            try:
                value = ast.literal_eval(self._source.decode(start, end))
                text = repr(value)
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                continue
            if isinstance(value, bool) or value is None or len(text.encode()) > _LONGEST:
                continue  # True for False: who knows that it is wrong knows what is right
            found[row] = text
        return found

    def _cells(self, node: cst.BaseExpression) -> _Cells:
        """
        Where a value is written: there, in the table of parameters by row, or assigned before.
        """
        if not isinstance(node, cst.Name):
            return [(None, node)] if _is_written(node) else []
        names = self._source.within(self._function.body, cst.Name)
        uses = sum(name.value == node.value for name in names)
        if self._table is not None and node.value in self._table.names:
            return [*self._table.cells(node.value)] if uses == 1 else []
        if uses > 2:
            return []
        found = assignments(self._source, self._function, node.value)
        is_plain = len(found) == 1 and len(found[0].targets) == 1 and _is_literal(found[0].value)
        return [(None, found[0].value)] if is_plain else []

    def _hidden(self, cells: _Cells) -> Iterator[Edit]:
        """
        Edits that take a value away where it is written.
        """
        for _, cell in cells:
            start, end = self._source.outer_span(cell)
            yield Edit(start, self._source.data[start:end], b"None")

    def _is_inside_block(self, statement: cst.CSTNode) -> bool:
        return self._source.enclosing(statement, *_BLOCKS) is not self._function


def _is_written(node: cst.BaseExpression) -> bool:
    """
    Whether a value is written out: literals, or what one class makes of some.
    """
    if isinstance(node, cst.Call) and last_name(node.func)[:1].isupper():
        return all(not arg.star and _is_literal(arg.value) for arg in node.args)
    return _is_literal(node)


def _is_literal(node: cst.BaseExpression) -> bool:
    match node:
        case cst.Integer() | cst.Float() | cst.SimpleString() | cst.ConcatenatedString():
            return True
        case cst.Tuple() | cst.List() | cst.Set():
            return all(_is_literal(one.value) for one in node.elements)
        case cst.Dict():
            return all(
                isinstance(one, cst.DictElement) and _is_literal(one.key) and _is_literal(one.value)
                for one in node.elements
            )
        case cst.UnaryOperation(operator=cst.Minus()):
            return _is_literal(node.expression)
    return is_name(node, "True", "False", "None")
