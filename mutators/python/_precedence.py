"""
Which text needs parentheses where an expression stood.
"""

from __future__ import annotations

import libcst as cst

_BINARY: dict[type[cst.CSTNode], int] = {
    cst.BitOr: 6, cst.BitXor: 7, cst.BitAnd: 8, cst.LeftShift: 9, cst.RightShift: 9,
    cst.Add: 10, cst.Subtract: 10, cst.Multiply: 11, cst.Divide: 11, cst.FloorDivide: 11,
    cst.Modulo: 11, cst.MatrixMultiply: 11, cst.Power: 13,
}  # fmt: skip
_OPERANDS = (
    cst.BinaryOperation, cst.Comparison, cst.ComparisonTarget,
    cst.UnaryOperation, cst.Attribute, cst.Await, cst.StarredElement, cst.StarredDictElement,
    cst.NamedExpr, cst.FormattedStringExpression,
)  # fmt: skip
_ATOM = 15


def precedence(node: cst.BaseExpression) -> int:
    """
    How tightly an expression holds together, by Python's grammar: 0 the loosest.
    """
    if node.lpar:
        return _ATOM
    match node:
        case cst.NamedExpr() | cst.Yield() | cst.Tuple():
            return 0
        case cst.Lambda() | cst.IfExp():
            return 1
        case cst.BooleanOperation(operator=cst.Or()):
            return 2
        case cst.BooleanOperation():
            return 3
        case cst.UnaryOperation(operator=cst.Not()):
            return 4
        case cst.Comparison():
            return 5
        case cst.BinaryOperation():
            return _BINARY.get(type(node.operator), 6)
        case cst.UnaryOperation():
            return 12
        case cst.Await():
            return 14
        case _:
            return _ATOM


def needs_parentheses(old: cst.BaseExpression, new: str, parent: cst.CSTNode | None) -> bool:
    """
    Whether `new` in the place of `old` would bind otherwise than as one expression.
    """
    if old.lpar:
        return False
    parsed = cst.parse_expression(f"({new}\n)")
    tight = precedence(parsed.with_changes(lpar=parsed.lpar[1:], rpar=parsed.rpar[1:]))
    if isinstance(old, cst.Integer) and isinstance(parent, cst.Attribute):
        return True
    if (tight == 0 and not isinstance(parsed, cst.Tuple)) or _breaks_line(old, new):
        return True
    return tight < precedence(old) and tight < _required(old, parent)


def _breaks_line(old: cst.BaseExpression, new: str) -> bool:
    """
    Whether a new text has a line end that may end the statement, where the old one had none.
    """
    return "\n" in new and "\n" not in cst.Module(()).code_for_node(old)


def _required(old: cst.BaseExpression, parent: cst.CSTNode | None) -> int:
    """
    How tightly the place of `old` wants its expression to hold together.
    """
    match parent:
        case cst.Call():
            return _ATOM if old is parent.func else 0
        case cst.Subscript():
            return _ATOM if old is parent.value else 0
        case cst.Arg():
            return 6 if parent.star else 0
        case cst.IfExp() | cst.CompFor() | cst.CompIf():
            return 2
        case cst.BooleanOperation() | cst.UnaryOperation(operator=cst.Not()):
            return precedence(parent.with_changes(lpar=(), rpar=()))
        case _:
            return _ATOM if isinstance(parent, _OPERANDS) else 0
