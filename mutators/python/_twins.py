"""
What can be perturbed in a Python test: the expectations of the statement that fails without a fix.

Only of that statement: what the broken code gets right already would tell a forger which copy of
the test is the right one. Every change is false wherever the right text is true: equal things
differ, conditions are negated. So no right solution, whatever its way, passes a changed copy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from mutators.base import Edit, Refusal
from mutators.python._twin_rows import Table, table_of
from mutators.python.source import PythonSource, parse_kept
from mutators.python.tests import definitions
from mutators.twins import Expectation, Literal, Perturbable, literal_expectations, other_choices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mutators.twins import Failures

_MOST_PARTS = 6  # of one statement that are perturbed
_REGEX_LETTERS = 4  # a shorter text is found in others by chance
_RAISED = (
    b"ValueError", b"TypeError", b"KeyError", b"IndexError", b"AttributeError", b"RuntimeError",
    b"ZeroDivisionError", b"OverflowError", b"OSError",
)  # fmt: skip  # none is a kind of another
_TRUTH = (b"True", b"False")
_MAKERS = frozenset((
    "approx", "date", "datetime", "time", "timedelta", "set", "frozenset", "tuple", "list", "dict",
    "bytes", "bytearray", "param",
))  # fmt: skip
_NEGATED: dict[type[cst.BaseCompOp], bytes] = {
    cst.Equal: b"!=", cst.NotEqual: b"==", cst.Is: b"is not", cst.IsNot: b"is", cst.In: b"not in",
    cst.NotIn: b"in", cst.LessThan: b">=", cst.LessThanEqual: b">", cst.GreaterThan: b"<=",
    cst.GreaterThanEqual: b"<",
}  # fmt: skip
EQUALITIES = frozenset((
    "assertEqual", "assertEquals", "assertListEqual", "assertTupleEqual", "assertDictEqual",
    "assertSequenceEqual", "assertMultiLineEqual",
))  # fmt: skip
_OPPOSITES = (
    ("assertEqual", "assertNotEqual"), ("assertTrue", "assertFalse"), ("assertIs", "assertIsNot"),
    ("assertIsNone", "assertIsNotNone"), ("assertIn", "assertNotIn"),
    ("assertIsInstance", "assertNotIsInstance"), ("assertGreater", "assertLessEqual"),
    ("assertLess", "assertGreaterEqual"), ("assertRegex", "assertNotRegex"),
    ("assertAlmostEqual", "assertNotAlmostEqual"),
)  # fmt: skip
_OPPOSITE = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])}


@dataclass(frozen=True, slots=True)
class _Part:
    """
    A text that may be perturbed; `others` None: a number, or the inside of a string (`is_text`).
    """

    start: int
    end: int
    others: tuple[bytes, ...] | None = None
    row: int | None = None
    guessable: bool = False
    is_text: bool = False

    def literal(self) -> Literal | None:
        """
        None of what a message does not tell by its value: a negation, the type of an error.
        """
        if self.others == _TRUTH:
            return Literal(self.start, self.end, "choice", _TRUTH)
        if self.others is not None:
            return None
        return Literal(self.start, self.end, "text" if self.is_text else "number")


def perturbable(
    data: bytes, names: tuple[str, ...], failures: Failures, salt: bytes, copies: int
) -> Perturbable | Refusal:
    """
    The expectations of a test where it fails without a fix; of its last assertion where no line in
    it is known.

    As many alternatives as that number of copies needs, and which they are, the salt tells.
    """
    source = parse_kept(data)
    if isinstance(source, Refusal):
        return source
    found = definitions(source, names)
    if len(found) != 1 or not isinstance(found[0], cst.FunctionDef):
        return Refusal(f"{'.'.join(names)}: defined {len(found)} times, or by no function")
    reader = _Reader(source, found[0])
    lines = {line for line, _ in failures}
    known = {part for line in lines for part in reader.at_line(line)}
    parts = sorted(known or set(reader.at_end()), key=_place)
    if not parts:
        return Refusal(f"{'.'.join(names)}: nothing in it can be perturbed")
    start, end = source.line_span(found[0])
    name = Edit(source.span(found[0].name)[0], names[-1].encode(), names[-1].encode())
    expectations = tuple(_expectations(data, parts, failures, salt, copies))
    made = Perturbable(start, end, name, expectations)
    table = reader.table
    if table is None or all(one.row is None for one in expectations):
        return made
    return replace(made, fixed=table.fixed, rows=table.patterns, row_ids=table.ids)


def _place(part: _Part) -> tuple[int, int, bool]:
    return part.start, part.end, part.others is None


def _expectations(
    data: bytes, parts: Sequence[_Part], failures: Failures, salt: bytes, copies: int
) -> Iterator[Expectation]:
    for row in sorted({part.row for part in parts}, key=lambda row: -1 if row is None else row):
        same = [part for part in parts if part.row == row][:_MOST_PARTS]
        for part in same:
            if part.others is not None and part.others != _TRUTH:
                old = data[part.start : part.end]
                new = other_choices(old, part.others, salt + str(part.start).encode(), copies - 1)
                yield Expectation(part.start, old, new, row, part.guessable)
        literals = [one for part in same if (one := part.literal()) is not None]
        messages = [message for _, message in failures if message]
        for made in literal_expectations(data, literals, messages, salt, copies, typed=False):
            yield replace(made, row=row)


class _Reader:
    """
    One test function and the parts of its statements.
    """

    def __init__(self, source: PythonSource, function: cst.FunctionDef) -> None:
        self._source = source
        self._function = function
        self.table: Table | None = table_of(source, function)

    def at_line(self, line: int) -> list[_Part]:
        """
        Parts of the statement on a line; where it has none but negations, also of those after it
        that use its names.
        """
        around = statements_at(self._source, self._function, line)
        if not around:
            return []
        inner = around[-1]
        found = list(self._of_statement(inner))
        for block in around[:-1]:
            found += self._of_with(block) if isinstance(block, cst.With) else ()
        if all(part.guessable for part in found):
            found += self._later(inner)
        return found

    def at_end(self) -> list[_Part]:
        for node in reversed(self._statements()):
            found = list(self._of_statement(node))
            if found:
                return found
        return []

    def _statements(self) -> list[cst.CSTNode]:
        return _statements(self._source, self._function)

    def _later(self, failing: cst.CSTNode) -> list[_Part]:
        names = {name.value for name in self._source.within(failing, cst.Name)}
        end = self._source.span(failing)[1]
        found: list[_Part] = []
        for node in self._statements():
            if self._source.span(node)[0] >= end and names & {
                name.value for name in self._source.within(node, cst.Name)
            }:
                found += self._of_statement(node)
        return found

    def _of_statement(self, node: cst.CSTNode) -> Iterator[_Part]:
        if isinstance(node, cst.With):
            yield from self._of_with(node)
        for small in node.body if isinstance(node, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assert):
                yield from self._of_condition(small.test)
            elif isinstance(small, cst.Expr) and isinstance(small.value, cst.Call):
                yield from self._of_call(small.value)

    def _of_with(self, node: cst.With) -> Iterator[_Part]:
        for item in node.items:
            if isinstance(item.item, cst.Call) and last_name(item.item.func) in (
                "raises", "assertRaises", "assertRaisesRegex",
            ):  # fmt: skip
                yield from self._of_raises(item.item)

    def _of_raises(self, call: cst.Call) -> Iterator[_Part]:
        for at, arg in enumerate(call.args):
            word = arg.keyword.value if arg.keyword is not None else ""
            if at == 0 and not word and isinstance(arg.value, cst.Name | cst.Attribute):
                yield _Part(*self._source.span(arg.value), _RAISED)
            elif word == "match" or (at == 1 and last_name(call.func) == "assertRaisesRegex"):
                yield from self._strings(arg.value)

    def _strings(self, node: cst.BaseExpression) -> Iterator[_Part]:
        """
        Parts of a text that is looked for in another.
        """
        for part in self._constant(node):
            if part.is_text and part.end - part.start >= _REGEX_LETTERS:
                yield part

    def _of_condition(self, test: cst.BaseExpression) -> Iterator[_Part]:
        if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
            yield from self._of_condition(test.left)
            yield from self._of_condition(test.right)
        elif isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            start = self._source.span(test)[0]
            yield _Part(start, self._source.outer_span(test.expression)[0], (b"",), guessable=True)
        elif isinstance(test, cst.Comparison):
            left = test.left
            for target in test.comparisons:
                yield from self._of_comparison(left, target)
                left = target.comparator
        elif isinstance(test, cst.Name | cst.Call | cst.Attribute | cst.Subscript):
            start = self._source.outer_span(test)[0]
            yield _Part(start, start, (b"not ",), guessable=True)

    def _of_comparison(
        self, left: cst.BaseExpression, target: cst.ComparisonTarget
    ) -> Iterator[_Part]:
        operator, right = target.operator, target.comparator
        found: list[_Part] = []
        if isinstance(operator, cst.Equal):
            found = self._equal(left, right)
        elif isinstance(operator, cst.Is) and is_name(right, "True", "False"):
            found = self._constant(right)
        elif isinstance(operator, cst.In):
            found = list(self._strings(left))
        negated = _NEGATED.get(type(operator))
        if found:
            yield from found
        elif negated is not None:
            yield _Part(*self._operator_span(operator), (negated,), guessable=True)

    def _operator_span(self, operator: cst.BaseCompOp) -> tuple[int, int]:
        """
        Without the white space around, which libcst counts to it.
        """
        start, end = self._source.span(operator)
        text = self._source.data[start:end]
        return end - len(text.lstrip()), start + len(text.rstrip())

    def _equal(self, one: cst.BaseExpression, other: cst.BaseExpression) -> list[_Part]:
        return self._constant(other) or self._constant(one)

    def _of_call(self, call: cst.Call) -> Iterator[_Part]:
        """
        unittest's assertions, which are methods.
        """
        name = last_name(call.func)
        args = [arg.value for arg in call.args if arg.keyword is None]
        if name in ("raises", "assertRaises", "assertRaisesRegex"):
            yield from self._of_raises(call)
            return
        found: list[_Part] = []
        is_plain = len(args) == len(call.args)
        if name in {*EQUALITIES, "assertAlmostEqual"} and is_plain and len(args) == 2:
            found = self._equal(args[0], args[1])
        elif name == "assertIn" and args:
            found = list(self._strings(args[0]))
        elif name == "assertTrue" and args and isinstance(args[0], cst.Comparison):
            found = list(self._of_condition(args[0]))
        if found:
            yield from found
        elif name in _OPPOSITE and isinstance(call.func, cst.Attribute):
            other = _OPPOSITE[name].encode()
            yield _Part(*self._source.span(call.func.attr), (other,), guessable=True)

    def _constant(self, node: cst.BaseExpression, row: int | None = None) -> list[_Part]:
        """
        The literals of a value: if any differs, the value is another one.
        """
        span = self._source.span(node)
        match node:
            case cst.Integer() | cst.Float():
                return [_Part(*span, row=row)]
            case cst.Name(value="True" | "False"):
                return [_Part(*span, _TRUTH, row)]
            case cst.Name() if row is None:
                return self._named(node)
            case cst.SimpleString():
                opening, closing = len(node.prefix) + len(node.quote), len(node.quote)
                return [_Part(span[0] + opening, span[1] - closing, row=row, is_text=True)]
            case cst.UnaryOperation(operator=cst.Minus()):
                return self._constant(node.expression, row)
        return [part for inner in _inner(node) for part in self._constant(inner, row)]

    def _named(self, name: cst.Name) -> list[_Part]:
        """
        Where the value of a name is written: in the table of parameters, or assigned before.
        """
        if self.table is not None and name.value in self.table.names:
            cells = self.table.cells(name.value)
            return [part for row, cell in cells for part in self._constant(cell, row)]
        found = assignments(self._source, self._function, name.value)
        assigned = [node.value for node in found]
        if len(assigned) != 1 or self._source.span(assigned[0])[0] > self._source.span(name)[0]:
            return []
        is_name = isinstance(assigned[0], cst.Name)
        return [] if is_name else self._constant(assigned[0])


def assignments(source: PythonSource, function: cst.FunctionDef, name: str) -> list[cst.Assign]:
    """
    The statements of a test that give a name its value.
    """
    return [
        node
        for node in source.within(function.body, cst.Assign)
        if any(is_name(target.target, name) for target in node.targets)
    ]


def statements_at(source: PythonSource, function: cst.FunctionDef, line: int) -> list[cst.CSTNode]:
    """
    The statements of a test that a line (from 1) is of, the innermost last.
    """
    starts = _line_starts(source.data)
    if not 1 <= line <= len(starts):
        return []
    start = starts[line - 1]
    end = source.line_end(start)
    return [
        node
        for node in _statements(source, function)
        if source.span(node)[0] < end and start < source.span(node)[1]
    ]


def _statements(source: PythonSource, function: cst.FunctionDef) -> list[cst.CSTNode]:
    kinds = (cst.SimpleStatementLine, cst.With, cst.For, cst.If, cst.While, cst.Try)
    return list(source.within(function.body, *kinds))


@lru_cache(maxsize=16)
def _line_starts(data: bytes) -> list[int]:
    return [0, *(at + 1 for at, byte in enumerate(data) if byte == ord("\n"))]


def _inner(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """
    The values that a value is made of; of a call, only where it makes something of its arguments.
    """
    match node:
        case cst.ConcatenatedString():
            return [node.left, node.right]
        case cst.Tuple() | cst.List():
            return [item.value for item in node.elements if isinstance(item, cst.Element)]
        case cst.Dict():
            return [item.value for item in node.elements if isinstance(item, cst.DictElement)]
        case cst.Call() if _is_maker(node):
            return [arg.value for arg in node.args if not arg.star]
    return []


def _is_maker(call: cst.Call) -> bool:
    name = last_name(call.func)
    if name == "approx":
        return len(call.args) == 1  # with a tolerance of its own, neighbours may be equal
    return name in _MAKERS or (name[:1].isupper() and not name.isupper())


def last_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def is_name(node: cst.CSTNode, *names: str) -> bool:
    return isinstance(node, cst.Name) and node.value in names
