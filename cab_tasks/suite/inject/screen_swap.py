"""
A mutant as new code in the functions that are already there: whoever holds one has the mutant.
"""

from __future__ import annotations
import __future__

import ast
import copy
import dis
import gc
import os
import sys
import types
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .screen_change import has_same_header, touched_lines
from .screen_defaults import changed_defaults
from .screen_fuel import tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FunctionType

    from .screen_change import Function, Source, Unit
    from .screen_defaults import Defaults

    Pairs = list[tuple[CodeType, CodeType]]

# Of features that every version has, an import leaves no flag in the code.
_FUTURES = {
    name: getattr(__future__, name).compiler_flag
    for name in __future__.all_feature_names
    if (getattr(__future__, name).getMandatoryRelease() or (9,)) > sys.version_info
}
_CO_NEWLOCALS = 0x2
_SUSPENDED = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
_CODE_OF = ("gi_code", "cr_code", "ag_code")


class Unswappable(Exception):  # noqa: N818 - an answer, not an error
    """
    Why a mutant needs modules that are imported anew.
    """


class Live:
    """
    The functions of the tree that exist now, by their code.
    """

    def __init__(self, root: str) -> None:
        self._root = root + os.sep
        self._functions: dict[CodeType, list[FunctionType]] = {}
        self._running: set[CodeType] = set()
        self._files: set[str] = set()
        for module in list(sys.modules.values()):
            name = getattr(module, "__file__", None)
            if isinstance(name, str):
                self._files.add(os.path.realpath(name))  # see __init__.py on pathlib
        for found in gc.get_objects():
            self._take(found)
        frame = sys._getframe()
        while frame is not None:
            self._running.add(frame.f_code)
            frame = frame.f_back  # type: ignore[assignment]

    def has(self, filename: str) -> bool:
        """
        Whether a file's code is loaded.
        """
        return filename in self._files

    def functions(self, filename: str, code: CodeType) -> list[FunctionType]:
        # Codes are equal where only their files differ.
        found = self._functions.get(code, ())
        return [live for live in found if live.__code__.co_filename == filename]

    def is_running(self, code: CodeType) -> bool:
        """
        Whether some generator or frame is in the middle of it, and will go on with what it has.
        """
        return code in self._running

    def _take(self, found: Any) -> None:
        if type(found) is types.FunctionType:
            filename = found.__code__.co_filename
            if filename.startswith(self._root):
                self._functions.setdefault(found.__code__, []).append(found)
                self._files.add(filename)
        elif type(found) in _SUSPENDED:
            name = _CODE_OF[_SUSPENDED.index(type(found))]
            self._running.add(getattr(found, name))


class Swap:
    """
    One mutant of a unit: `pairs` of old and new code; `lines` that a test must reach to notice.
    """

    def __init__(
        self, pairs: Pairs, pristine: Pairs, lines: set[int], defaults: Defaults | None
    ) -> None:
        self.pairs = pairs
        self.pristine = pristine  # the right code, ticking
        self.lines = lines
        self._defaults = defaults  # of the outermost function

    def make(self, live: Live, filename: str) -> None:
        if self._defaults is not None:
            for function in live.functions(filename, self.pairs[0][0]):
                self._defaults.give(function)
        _exchange(self.pairs, live, filename)

    def make_pristine(self, live: Live, filename: str) -> None:
        """
        Let the right functions tick.
        """
        _exchange(self.pristine, live, filename)


def swap_of(source: Source, unit: Unit, becomes: Function, live: Live) -> Swap:
    """
    How a unit's mutant is made where its module is loaded.

    Raises:
        Unswappable: new code in old functions would be another thing than the edited file.
    """
    defaults = None
    if not has_same_header(unit.node, becomes):
        defaults = changed_defaults(unit, becomes)
        if defaults is None:
            raise Unswappable("what runs where a function is made has changed")
    touched = touched_lines(unit.node, becomes)
    old, ticking = _compiled(source, unit)
    tick(becomes)
    new = _function_code(_compile(source, unit, becomes), unit.node.name)
    pairs = list(_paired(old, new, live, source.filename))
    if not live.functions(source.filename, old):
        raise Unswappable("no function with this code exists")
    if any(live.is_running(code) for code in _all(old)):
        raise Unswappable("the function is running")
    for one, other in pairs:
        if one.co_freevars != other.co_freevars or one.co_flags != other.co_flags:
            raise Unswappable("a function has become another kind, or closes over others")
    if defaults is None and _has_same_names(ticking, new):
        lines = _executed(touched, old, unit)
    else:
        lines = set(unit.body_lines())
    return Swap(pairs, list(_paired(old, ticking, live, source.filename)), lines, defaults)


@lru_cache(maxsize=512)
def _compiled(source: Source, unit: Unit) -> tuple[CodeType, CodeType]:
    """
    The right function's code as it is loaded, and as it ticks.
    """
    name = unit.node.name
    plain = _compile(source, unit, unit.node)
    ticking = copy.deepcopy(unit.node)
    tick(ticking)
    return _function_code(plain, name), _function_code(_compile(source, unit, ticking), name)


def _compile(source: Source, unit: Unit, function: Function) -> CodeType:
    """
    A module with nothing but the function in its classes, so that names mean the same in it; and
    the module's imports, since calls of what is imported are compiled in another way.
    """
    body: ast.stmt = function
    for outer in reversed(unit.classes):
        holder: Any = ast.ClassDef(outer.name, [], [], [body], [])
        if hasattr(outer, "type_params"):
            holder.type_params = outer.type_params
        body = ast.copy_location(holder, outer)
    tree = ast.Module([*source.imports(), body], [])
    flags = _future_flags(source)
    code: CodeType = compile(tree, source.filename, "exec", flags, dont_inherit=True)
    return code


@lru_cache(maxsize=512)
def _future_flags(source: Source) -> int:
    flags = 0
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= _FUTURES.get(alias.name, 0)
    return flags


def _function_code(code: CodeType, name: str) -> CodeType:
    """
    The outermost function of this name: through classes and what holds type parameters.
    """
    todo = [code]
    while todo:
        for inner in _inner(todo.pop()):
            is_function = inner.co_flags & _CO_NEWLOCALS  # else the body of a class
            if inner.co_name == name and is_function:
                return inner
            if not is_function or inner.co_name.startswith("<generic parameters"):
                todo.append(inner)
    raise Unswappable("its code is not where it is looked for")


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (part for part in code.co_consts if isinstance(part, types.CodeType))


def _paired(old: CodeType, new: CodeType, live: Live, filename: str) -> Iterator[tuple[Any, Any]]:
    """
    Old and new code, and that of the functions inside which exist already.
    """
    if live.functions(filename, old):
        yield old, new
    inside, becomes = list(_inner(old)), list(_inner(new))
    if [code.co_name for code in inside] == [code.co_name for code in becomes]:
        for one, other in zip(inside, becomes):  # noqa: B905 - Python 3.8 has no strict
            yield from _paired(one, other, live, filename)
    elif any(live.functions(filename, code) for part in inside for code in _all(part)):
        raise Unswappable("functions made by this one exist, and cannot be told apart")


def _all(code: CodeType) -> Iterator[CodeType]:
    yield code
    for part in _inner(code):
        yield from _all(part)


def _has_same_names(one: CodeType, other: CodeType) -> bool:
    """
    Whether each name is what it was: local, a cell, free, or none of the function's.
    """
    inside, becomes = list(_inner(one)), list(_inner(other))
    return (
        one.co_flags == other.co_flags
        and set(one.co_varnames) == set(other.co_varnames)
        and set(one.co_cellvars) == set(other.co_cellvars)
        and one.co_freevars == other.co_freevars
        and len(inside) == len(becomes)
        and all(map(_has_same_names, inside, becomes))
    )


def _executed(lines: set[int], old: CodeType, unit: Unit) -> set[int]:
    """
    The lines; if no code stands on them, all of the unit's.
    """
    coded = {line for code in _all(old) for _, line in dis.findlinestarts(code)}
    return lines if lines & coded else set(unit.body_lines())


def _exchange(pairs: Pairs, live: Live, filename: str) -> None:
    for old, new in pairs:
        for function in live.functions(filename, old):
            function.__code__ = new
