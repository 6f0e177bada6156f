"""
What imports have left behind, as a digest: equal digests mean that a mutant changed nothing yet.

Seen are all objects that can be reached from the tree's modules, with who shares what; not seen
is what libraries in C keep to themselves, and what other modules were told.
"""

from __future__ import annotations

import gc
import hashlib
import os
import re
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_NODES_MAX = 300_000  # beyond it, running the tests is cheaper than looking
_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented), range)
_VALUES = (int, float, complex, str, bytes)
_LOADING = ("__builtins__", "__cached__", "__loader__", "__spec__")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


def digest_of_imports(root: str, tests: list[str]) -> str:
    """
    Of the tests' names and all state that modules of the tree hold; of code only its place counts.

    Empty if there is too much of it.
    """
    return _State(root + os.sep, tests).digest()


class _State:
    def __init__(self, root: str, tests: list[str]) -> None:
        self._root = root
        self._hash = hashlib.sha256()
        self._tell(*tests)
        self._numbers: dict[int, int] = {}
        modules = [module for module in list(sys.modules.values()) if _is_module(module)]
        ours = [module for module in modules if self._is_ours(module)]
        self._roots = [module.__dict__ for module in ours]
        self._names = {module.__name__ for module in ours}
        self._own = set(map(id, self._roots))
        # What other modules hold is theirs; functions refer to it as their globals.
        self._foreign = {id(module.__dict__) for module in modules if module not in ours}
        self._alive: list[Any] = []  # so that no number is given twice

    def digest(self) -> str:
        left: list[Any] = [*reversed(self._roots)]
        while left:
            found = left.pop()
            if type(found) in _PLAIN:
                self._tell(type(found).__name__, repr(found))
                continue
            number = self._numbers.get(id(found))
            if number is not None:
                self._tell("again", str(number))
                continue
            if len(self._numbers) > _NODES_MAX:
                return ""
            self._numbers[id(found)] = len(self._numbers)
            self._alive.append(found)
            left += reversed(list(self._parts(found)))
        return self._hash.hexdigest()

    def _parts(self, found: Any) -> Iterator[Any]:
        """
        Tell what an object is, and give what it refers to.
        """
        kind = type(found)
        if kind is types.CodeType:
            self._tell("code", found.co_filename, found.co_name, str(found.co_firstlineno))
        elif kind is types.ModuleType:
            self._tell("module", found.__name__)
        elif isinstance(found, type) and found.__module__ not in self._names:
            self._tell("class", str(found.__module__), found.__qualname__)
        elif kind is dict and id(found) in self._foreign:
            self._tell("globals")
        elif kind is dict and id(found) in self._own:
            self._tell("module's")
            yield from (part for pair in found.items() if pair[0] not in _LOADING for part in pair)
        elif kind is set or kind is frozenset:
            self._tell("set", *sorted(map(_name, found)))
            yield from sorted(found, key=_name)
        else:
            parts = gc.get_referents(found)
            self._tell(str(kind.__module__), kind.__qualname__, str(len(parts)))
            for base in _VALUES:
                if isinstance(found, base):  # of a class of its own, with more than the value
                    self._tell(base.__repr__(found))
            if not parts and kind.__module__ not in self._names:
                self._tell(_ADDRESS.sub("", repr(found)))
            yield from parts

    def _tell(self, *words: str) -> None:
        self._hash.update("\0".join(words).encode("utf-8", "surrogatepass"))
        self._hash.update(b"\n")

    def _is_ours(self, module: types.ModuleType) -> bool:
        name = getattr(module, "__file__", None)
        return isinstance(name, str) and name.startswith(self._root)


def _is_module(found: Any) -> bool:
    return type(found) is types.ModuleType


def _name(found: Any) -> str:
    """
    An order for the members of a set that does not depend on addresses, as far as that goes.
    """
    if type(found) in _PLAIN:
        return f"{type(found).__name__} {found!r}"
    return f"{type(found).__name__} {getattr(found, '__qualname__', '')}"
