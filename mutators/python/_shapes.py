"""
Forms of Python code that several mutators look for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from mutators.python._precedence import precedence
from mutators.python._scopes import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutators.base import Edit
    from mutators.python.source import PythonSource

Condition: TypeAlias = cst.If | cst.IfExp | cst.CompIf

OPPOSITE: dict[type[cst.BaseCompOp], str] = {
    cst.Equal: "!=", cst.NotEqual: "==", cst.LessThan: ">=", cst.GreaterThanEqual: "<",
    cst.GreaterThan: "<=", cst.LessThanEqual: ">", cst.In: "not in", cst.NotIn: "in",
    cst.Is: "is not", cst.IsNot: "is",
}  # fmt: skip
_ERROR_NAME = re.compile(
    r"(?i)(^|_)(err(ors?|no)?|exc(eption)?|fail(ed|ure)?s?|ok|success(ful)?|succeeded|rc|status"
    r"|ret(urn)?code|code|valid|invalid|missing|found|match(ed)?|m|result|res)$|^is_(in)?valid"
)
_LOOKUPS = frozenset(
    ("get", "find", "rfind", "match", "search", "fullmatch", "poll", "getattr", "lookup", "pop")
)


def conditions(source: PythonSource) -> Iterator[Condition]:
    """
    `if` statements, `elif` included, conditional expressions, filters of comprehensions.
    """
    found: list[Condition] = [
        *source.find(cst.If),
        *source.find(cst.IfExp),
        *source.find(cst.CompIf),
    ]
    yield from sorted(found, key=lambda node: source.span(node.test))


def is_error_check(source: PythonSource, test: cst.BaseExpression) -> bool:
    """
    Whether a condition asks if something went wrong, or was found at all.
    """
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _is_verdict(source, test.expression)
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return _is_verdict(source, test)
    link = test.comparisons[0]
    if isinstance(link.operator, cst.Is | cst.IsNot):
        return _is_verdict(source, test.left)
    literal = source.text(link.comparator) in ("0", "-1", "None", "1")
    return literal and _is_verdict(source, test.left)


def _is_verdict(source: PythonSource, node: cst.BaseExpression) -> bool:
    """
    Whether a value tells success or failure: by its name, or by the call that it came from.
    """
    if isinstance(node, cst.Name):
        kinds = source.scope(node).kinds(node.value)
        looked_up = any(kind.rpartition(".")[2] in _LOOKUPS for kind in kinds if "call:" in kind)
        return looked_up or bool(_ERROR_NAME.search(node.value))
    if isinstance(node, cst.Attribute):
        return bool(_ERROR_NAME.search(node.attr.value))
    return called(node) in _LOOKUPS


def negated(source: PythonSource, test: cst.BaseExpression) -> str:
    """
    The opposite of a condition, as a person would write it.
    """
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return source.text(test.expression)
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        operator = test.comparisons[0].operator
        if opposite := OPPOSITE.get(type(operator)):
            return splice(source, test, operator, opposite)
    text = source.text(test)
    return f"not ({text})" if precedence(test) < 4 or "\n" in text else f"not {text}"


def splice(source: PythonSource, outer: cst.CSTNode, inner: cst.CSTNode, new: str) -> str:
    """
    The text of `outer` with `new` in the place of `inner`.
    """
    start, end = source.span(outer)
    first, last = source.span(inner)
    return source.decode(start, first) + new + source.decode(last, end)


def last_statement(body: cst.BaseSuite) -> cst.BaseSmallStatement | None:
    """
    The simple statement that a block ends with, if it ends with one.
    """
    if isinstance(body, cst.SimpleStatementSuite):
        return body.body[-1]
    last = body.body[-1] if body.body else None
    return last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None


def leaves(body: cst.BaseSuite) -> bool:
    """
    Whether a block ends by leaving: return, raise, continue or break.
    """
    exits = cst.Return | cst.Raise | cst.Continue | cst.Break
    return isinstance(last_statement(body), exits)


def is_elif(source: PythonSource, node: cst.CSTNode) -> bool:
    return isinstance(source.parent(node), cst.If)


def is_generator(source: PythonSource, function: cst.FunctionDef) -> bool:
    yields = source.within(function.body, cst.Yield)
    return any(source.enclosing(item, cst.FunctionDef, cst.Lambda) is function for item in yields)


def gives_values(source: PythonSource, function: cst.FunctionDef) -> bool:
    """
    Whether a function returns something other than None anywhere.
    """
    return any(
        item.value is not None
        for item in source.within(function.body, cst.Return)
        if source.enclosing(item, cst.FunctionDef) is function
    )


def without_arg(source: PythonSource, call: cst.Call, gone: cst.Arg) -> tuple[int, int]:
    """
    The span of an argument with the comma and space that go with it.
    """
    place = next(at for at, arg in enumerate(call.args) if arg is gone)
    start, end = source.span(gone)
    if place + 1 < len(call.args):
        return start, source.span(call.args[place + 1])[0]
    if place:
        return source.span(call.args[place - 1])[1], end
    return start, source.span(gone.comma)[1] if isinstance(gone.comma, cst.Comma) else end


def without_operand(
    source: PythonSource, operation: cst.BooleanOperation, gone: cst.BaseExpression
) -> Edit:
    """
    An edit that takes one side of `and` or `or` away, with the operator.
    """
    if gone is operation.left:
        start = source.outer_span(gone)[0]
        return source.edit(start, source.outer_span(operation.right)[0], "")
    return source.edit(source.outer_span(operation.left)[1], source.outer_span(gone)[1], "")


def is_none_check(test: cst.BaseExpression, *operators: type[cst.BaseCompOp]) -> bool:
    """
    Whether a condition is `x is None` or `x is not None`, or of these operators only.
    """
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    link = test.comparisons[0]
    is_none = isinstance(link.comparator, cst.Name) and link.comparator.value == "None"
    return is_none and isinstance(link.operator, operators or (cst.Is, cst.IsNot))


def is_value(source: PythonSource, operation: cst.BooleanOperation) -> bool:
    """
    Whether `x or default` is a value with a fallback, not a condition.
    """
    if not isinstance(operation.operator, cst.Or):
        return False
    around = source.parent(operation)
    plain = isinstance(operation.left, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    return plain and isinstance(around, cst.Assign | cst.AnnAssign | cst.Arg)


def is_inside_index(source: PythonSource, node: cst.CSTNode) -> bool:
    """
    Whether an expression is part of what stands between the brackets of a subscript.
    """
    for around in source.ancestors(node):
        if isinstance(around, cst.SubscriptElement):
            return True
        if isinstance(around, cst.Call | cst.BaseStatement | cst.BaseSmallStatement):
            return False
    return False


def is_number(source: PythonSource, operation: cst.BinaryOperation) -> bool:
    """
    Whether a sum can only be of numbers: by an operand, or by what else is done with it.
    """
    if isinstance(operation.operator, cst.Add | cst.Modulo):
        sides = (operation.left, operation.right)
        return any(_is_numeric(source, side) for side in sides)
    return True


def _is_numeric(source: PythonSource, node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.BaseNumber):
        return True
    if isinstance(node, cst.BinaryOperation):
        return is_number(source, node) and not isinstance(node.left, cst.BaseString)
    if isinstance(node, cst.Name):
        return bool(source.scope(node).kinds(node.value) & {"int", "float", "number"})
    return called(node) in ("len", "int", "float", "abs", "sum", "ord", "round")
