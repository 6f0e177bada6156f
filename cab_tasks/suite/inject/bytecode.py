"""
What Python and pytest make of a source, kept by its content: the same file is compiled once.

Not Python's own files of bytecode: those go by times, which an edit within a second does not
change. Here a file is told by its place, its text and what compiles it: nothing stale is found.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import marshal
import os
import sys
import warnings
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# ruff: noqa: PTH105, PTH116, PTH118, PTH123
# pathlib may be what the seed tests or replaces.

_REWRITER = "_pytest.assertion.rewrite"
_UNREADABLE = (OSError, EOFError, ValueError, TypeError)


class Store:
    """
    A folder of code by content; `is_writable` where what is missing is to be added.
    """

    def __init__(self, folder: str, root: str, *, is_writable: bool) -> None:
        self._folder = folder
        self._root = root + os.sep
        self._is_writable = is_writable

    def serve_imports(self) -> None:
        """
        Files of the tree as Python's import compiles them.
        """
        loader = importlib.import_module("importlib._bootstrap_external").SourceLoader
        original = loader.source_to_code

        def source_to_code(own: Any, data: Any, path: Any, **more: Any) -> Any:
            def make() -> Any:
                return original(own, data, path, **more)

            is_plain = isinstance(data, bytes) and isinstance(path, str) and not more
            return self._code("import", data, path, make) if is_plain else make()

        loader.source_to_code = source_to_code

    def serve_pytest(self, version: str) -> None:
        """
        Test files as pytest rewrites them; nothing for a pytest that has other ways.
        """
        rewriter: Any = importlib.import_module(_REWRITER)
        original = getattr(rewriter, "_rewrite_test", None)
        if original is None or [*inspect.signature(original).parameters] != ["fn", "config"]:
            return

        def rewrite_test(fn: Any, config: Any) -> Any:
            mark = _mark_of(original(type(fn)(os.devnull), config)[0])
            if mark is None:
                return original(fn, config)
            with open(fn, "rb") as handle:
                data = handle.read()
            has_hook = bool(config.getini("enable_assertion_pass_hook"))
            what = f"pytest {version} {has_hook}"
            code = self._code(what, data, str(fn), lambda: original(fn, config)[1])
            return mark(fn, data), code

        rewriter._rewrite_test = rewrite_test

    def _code(self, what: str, data: bytes, path: str, make: Callable[[], CodeType]) -> CodeType:
        if not path.startswith(self._root):
            return make()
        place = os.path.join(self._folder, _name(what, data, path))
        code = _read(place)
        if code is not None:
            return code
        return self._made(place, make) if self._is_writable else make()

    def _made(self, place: str, make: Callable[[], CodeType]) -> CodeType:
        """
        Made and kept; not where Python warns of it, which it would not do a second time.
        """
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            code = make()
        if seen:
            return make()
        beside = f"{place}.{os.urandom(8).hex()}"  # ids of processes are alike in every sandbox
        try:
            with open(beside, "wb") as handle:
                marshal.dump(code, handle)
            os.replace(beside, place)
        except OSError:
            return code  # a full disk: the next run makes it again
        return code


def store_of(plan: dict[str, Any]) -> Store | None:
    """
    The store that a plan names; None where it names none, or the tree is elsewhere than there.
    """
    kept = plan["bytecode"]
    if kept is None or kept["root"] != os.getcwd():  # noqa: PTH109
        return None
    return Store(kept["folder"], kept["root"], is_writable=kept["is_writable"])


def _read(place: str) -> CodeType | None:
    """
    Apart from making it, so that an error of that has no other before it.
    """
    try:
        with open(place, "rb") as handle:
            code = marshal.load(handle)
    except _UNREADABLE:
        return None
    return code if isinstance(code, CodeType) else None


def _mark_of(example: object) -> Callable[[Any, bytes], object] | None:
    """
    How this pytest marks the source of what it rewrote: by its status, later by its hash.
    """
    if isinstance(example, os.stat_result):
        return lambda fn, _: os.stat(fn)
    if isinstance(example, bytes):
        return lambda _, data: importlib.util.source_hash(data)
    return None


def _name(what: str, data: bytes, path: str) -> str:
    python = f"{sys.implementation.cache_tag} {sys.hexversion} {sys.flags.optimize}"
    place = "\0".join((what, python, path)).encode("utf-8", "surrogateescape")
    hashes = (importlib.util.source_hash(part).hex() for part in (place, data))
    return "-".join((*hashes, str(len(data))))
