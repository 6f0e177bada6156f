"""
Tests that do not say what they expect: where one would fail without a fix, it tells what it got.

All that stands after that place goes, and what stands before it passes without a fix. So the code
under test, whatever it reads, has nothing that could tell it whether it is right.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Refusal, apply_edits
from mutators.python._twin_rows import Table, table_of
from mutators.python._twins import EQUALITIES, last_name, statements_at
from mutators.python.source import PythonSource, parse
from mutators.python.tests import definitions
from mutators.twins import Blinded, BlindFunction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mutators.twins import Failures

MARK = "cab-blind"
UNKNOWN = ""  # a value that only a run in the repaired tree tells
_LONGEST = 800  # bytes of a value: a message holds twice as many
_BLOCKS = (cst.For, cst.While, cst.FunctionDef, cst.ClassDef, cst.Try)
_HELPER = """

def _cab_plain(value):
    for kind in (bool, int, float, complex, str, bytes):
        if isinstance(value, kind):
            return kind.__repr__(value)
    if value is None:
        return "None"
    if isinstance(value, dict):
        return "{" + ", ".join(_cab_plain(k) + ": " + _cab_plain(value[k]) for k in value) + "}"
    for kind, ends in ((list, "[]"), (tuple, "()"), (set, "{}"), (frozenset, "{}")):
        if isinstance(value, kind):
            parts = [_cab_plain(part) + "," for part in value]
            return ends[0] + "".join(parts) + ends[1] if parts or kind in (list, tuple) else "set()"
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        parts = [_cab_plain(getattr(value, one.name)) for one in fields.values() if one.compare]
        return "(" + repr(type(value).__name__) + "," + "".join(part + "," for part in parts) + ")"
    for kind in (int, float):
        try:
            if kind(value) == value:
                return kind.__repr__(kind(value))
        except (TypeError, ValueError, OverflowError):
            pass
    return "<" + type(value).__name__ + ">"


def _cab_tell(value):
    raise AssertionError("MARK " + _cab_plain(value).encode("utf-8", "replace").hex())
""".replace("MARK", MARK)


@dataclass(frozen=True, slots=True)
class _Spot:
    """
    A statement of a test, the value in it, and what it is compared with.
    """

    statement: cst.CSTNode
    got: cst.BaseExpression
    expected: cst.BaseExpression


def blinded(
    data: bytes, functions: Sequence[tuple[tuple[str, ...], Failures]]
) -> Blinded | Refusal:
    """
    A test file in which some functions tell what they got; those that cannot be made to are gone.

    `functions` are all that fail without a fix: names, and where and how they do.
    """
    source = parse(data, "")
    if isinstance(source, Refusal):
        return source
    edits: list[Edit] = []
    told = {}
    for names, failures in functions:
        found = definitions(source, names)
        if len(found) != 1 or not isinstance(found[0], cst.FunctionDef):
            return Refusal(f"{'.'.join(names)}: defined {len(found)} times, or by no function")
        one = _Function(source, found[0]).blinded({line for line, _ in failures})
        if one is not None and _compiles(data, one.edits):
            told[names] = one
        edits += told[names].edits if names in told else [_gone(source, found[0])]
    end = b"" if data.endswith(b"\n") else b"\n"
    edits.append(Edit(len(data), b"", end + _HELPER.encode()))
    if not _compiles(data, edits):
        return Refusal("without what it expects it is no Python any more")
    return Blinded(tuple(edits), told)


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
        values = self._values(spot)
        if not values:
            return None
        hidden = list(self._hidden(spot.expected))
        names = {name.value for name in self._source.within(spot.got, cst.Name)}
        if isinstance(spot.expected, cst.Name) and spot.expected.value in names:
            return None
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
            if last_name(call.func) in EQUALITIES and len(plain) >= 2:
                sides = plain[:2]
        for got, expected in (sides, sides[::-1]) if sides else ():
            if self._cells(expected):
                yield _Spot(node, got, expected)
                return

    def _values(self, spot: _Spot) -> dict[int | None, str]:
        """
        What is expected, as Python writes it, by row of the table.
        """
        found = {}
        for row, cell in self._cells(spot.expected):
            if not _is_written(cell):
                continue
            try:
                value = ast.literal_eval(self._source.text(cell))
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                found[row] = UNKNOWN
                continue
            text = repr(value)
            if isinstance(value, bool) or value is None or len(text.encode()) > _LONGEST:
                continue  # who knows that it is wrong knows what is right
            found[row] = text
        return found

    def _cells(self, node: cst.BaseExpression) -> list[tuple[int | None, cst.BaseExpression]]:
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
        assigned = self._assigned(node)
        return [(None, assigned)] if assigned is not None and _is_written(assigned) else []

    def _assigned(self, name: cst.Name) -> cst.BaseExpression | None:
        found = [
            node.value
            for node in self._source.within(self._function.body, cst.Assign)
            if len(node.targets) == 1
            and isinstance(node.targets[0].target, cst.Name)
            and node.targets[0].target.value == name.value
        ]
        return found[0] if len(found) == 1 else None

    def _hidden(self, expected: cst.BaseExpression) -> Iterator[Edit]:
        """
        Edits that take a named value away where it is written.
        """
        for _, cell in self._cells(expected) if isinstance(expected, cst.Name) else ():
            start, end = self._source.outer_span(cell)
            yield Edit(start, self._source.data[start:end], b"None")

    def _is_inside_block(self, statement: cst.CSTNode) -> bool:
        for around in self._source.ancestors(statement):
            if around is self._function:
                return False
            if isinstance(around, _BLOCKS):
                return True
        return False


def _is_written(node: cst.BaseExpression) -> bool:
    """
    Whether a value is written out: literals, and what is made of them by classes.
    """
    if isinstance(node, cst.Call):
        is_class = last_name(node.func)[:1].isupper()
        return is_class and all(not arg.star and _is_written(arg.value) for arg in node.args)
    if isinstance(node, cst.Tuple | cst.List | cst.Set):
        return all(_is_written(one.value) for one in node.elements)
    if isinstance(node, cst.Dict):
        return all(
            isinstance(one, cst.DictElement) and _is_written(one.key) and _is_written(one.value)
            for one in node.elements
        )
    if isinstance(node, cst.UnaryOperation):
        return isinstance(node.operator, cst.Minus) and _is_written(node.expression)
    kinds = (cst.Integer, cst.Float, cst.SimpleString, cst.ConcatenatedString)
    return isinstance(node, kinds) or (
        isinstance(node, cst.Name) and node.value in ("True", "False", "None")
    )
