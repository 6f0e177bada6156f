"""
Exceptions that stand in for one another, none of a pair being the other's subclass.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from mutators.python.source import PythonSource

SIBLINGS = {
    "KeyError": "IndexError", "IndexError": "KeyError", "ValueError": "TypeError",
    "TypeError": "ValueError", "AttributeError": "KeyError", "LookupError": "ValueError",
    "StopIteration": "ValueError", "StopAsyncIteration": "ValueError", "OSError": "ValueError",
    "IOError": "ValueError", "FileNotFoundError": "PermissionError",
    "PermissionError": "FileNotFoundError", "FileExistsError": "FileNotFoundError",
    "NotADirectoryError": "IsADirectoryError", "IsADirectoryError": "NotADirectoryError",
    "TimeoutError": "ConnectionError", "ConnectionError": "TimeoutError",
    "UnicodeDecodeError": "UnicodeEncodeError", "UnicodeEncodeError": "UnicodeDecodeError",
    "UnicodeError": "TypeError", "OverflowError": "ZeroDivisionError",
    "ZeroDivisionError": "OverflowError", "ArithmeticError": "ValueError",
    "RuntimeError": "ValueError", "RecursionError": "MemoryError", "NameError": "AttributeError",
    "AssertionError": "ValueError", "EOFError": "ValueError", "SyntaxError": "ValueError",
    "Exception": "OSError", "NotImplementedError": "AttributeError",
    "json.JSONDecodeError": "TypeError", "JSONDecodeError": "TypeError",
    "asyncio.TimeoutError": "asyncio.CancelledError", "re.error": "TypeError",
}  # fmt: skip


def unrelated(source: PythonSource, node: cst.Name | cst.Attribute) -> str:
    """
    An exception that the file defines beside this one; of neither is the other a kind.

    Nothing if the file does not define this one, or no other with the same first base.
    """
    classes = {item.name.value: item for item in source.all(cst.ClassDef)}
    known = classes.get(source.text(node))
    if known is None:
        return ""
    own = ancestors(source, known.name.value)
    for name, other in classes.items():
        is_beside = _first_base(source, other) == _first_base(source, known) != ""
        if is_beside and known.name.value not in ancestors(source, name) and name not in own:
            return name
    return ""


def ancestors(source: PythonSource, name: str) -> set[str]:
    """
    The class itself and its bases, as far as the file tells.
    """
    classes = {item.name.value: item for item in source.all(cst.ClassDef)}
    seen: set[str] = set()
    queue = [name]
    while queue:
        at = queue.pop()
        if at not in seen:
            seen.add(at)
            bases = classes[at].bases if at in classes else ()
            queue += [source.text(base.value) for base in bases]
    return seen


def builtin_base(source: PythonSource, name: str) -> str:
    """
    The nearest built-in exception that a class of this file is a kind of, or nothing.
    """
    found = (item for item in sorted(ancestors(source, name)) if _is_builtin_error(item))
    return next(found, "")


def _is_builtin_error(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _first_base(source: PythonSource, node: cst.ClassDef) -> str:
    return source.text(node.bases[0].value) if node.bases else ""
