"""
Fuel: what a mutated function may run and loop in one test, before that counts as a hang.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from .clock import TestTimeout
from .screen_change import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .screen_change import Function
    from .screen_guard import Guard

BUDGET = 50_000  # ticks a test; some 10 ms, and far beyond what most functions use
TIMES = 100  # more than this many times of what the right function uses is a hang
_NAME = "__cab_tick__"
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Fuel:
    """
    Counts ticks of the running test; once over its budget, each further tick raises.
    """

    def __init__(self, guard: Guard, budgets: dict[str, int] | None) -> None:
        """
        `budgets` are those of tests that have one of their own; None counts and never raises.
        """
        self.is_over = False
        self._guard = guard
        self._budgets = budgets
        self._budget = BUDGET
        self._used = 0

    def light(self) -> None:
        """
        Make ticks of this process count here.
        """
        setattr(builtins, _NAME, self._tick)

    def begin(self, test: str) -> None:
        self.is_over = False
        self._used = 0
        if self._budgets is not None:
            self._budget = self._budgets.get(test, BUDGET)

    def used(self) -> int:
        return self._used

    def _tick(self) -> None:
        self._used += 1
        if self._used > self._budget and self._budgets is not None:
            self.is_over = self._guard.expired = True
            raise TestTimeout(f"over {self._budget} rounds")


def tick(function: Function) -> None:
    """
    Let it tick where it is entered and at the head of each loop's body, nested ones too.
    """
    for node in [function, *_inside(function)]:
        if isinstance(node, _LOOPS):
            node.body.insert(0, _call(node.body[0]))
        elif isinstance(node, _FUNCTIONS):
            at = 0 if ast.get_docstring(node, clean=False) is None else 1
            node.body.insert(at, _call(node.body[min(at, len(node.body) - 1)]))


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    for statement in statements(node):
        yield statement
        yield from _inside(statement)


def _call(before: Any) -> ast.stmt:
    call = ast.Expr(ast.Call(ast.Name(_NAME, ast.Load()), [], []))
    ast.copy_location(call, before)
    call.end_lineno, call.end_col_offset = call.lineno, call.col_offset
    return ast.fix_missing_locations(call)
