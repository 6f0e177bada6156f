"""
pytest run once for nothing, so that forks find ready what Python makes at a first use.

Python rewrites the code that runs often, and its libraries fill caches; a fork that has to do so
itself also copies the memory that it writes to.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import os
import shutil
import sys
import tempfile
import tokenize
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# ruff: noqa: PTH118, PTH123
# pathlib may be what the seed tests or replaces.

_NAME = "test_cab_warm_up"
_TIMES = 12  # Python looks at code that has run eight times
_TEXT = """\
import pytest

@pytest.fixture
def one():
    yield 1

@pytest.mark.parametrize("number", range({times}))
def test_passes(number):
    assert number >= 0

@pytest.mark.parametrize("number", range({times}))
def test_uses(number, one, monkeypatch):
    with pytest.raises(ValueError, match="x"):
        raise ValueError("x")

class Test:
    def setup_method(self):
        pass

    @pytest.mark.parametrize("number", range({times}))
    def test_fails(self, number):
        assert [number] == [-1]
"""
# Debugging imports `code` and `cmd`, names that a tree may have for its own.
_OFF = ("cacheprovider", "faulthandler", "debugging")
_OPTIONS = ("-c", os.devnull, "--noconftest", *(f"-pno:{name}" for name in _OFF))
_OF_THE_SEED = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
_LAST = ("last_type", "last_value", "last_traceback", "last_exc")


def warm_up(run: Callable[[dict[str, Any]], object], plan: dict[str, Any]) -> None:
    """
    Run tests of ours by `run`, which takes a plan, without the seed's plugins and the tree's path;
    how that ends tells nothing of the seed.
    """
    own = {**plan, "select": None, "shuffle": None, "has_hypothesis": False}
    with _alone(plan["path"]), contextlib.redirect_stdout(io.StringIO()):
        try:
            folder = tempfile.mkdtemp(prefix="cab-")
        except OSError:
            return  # a full disk: forks are slower
        file = os.path.join(folder, f"{_NAME}.py")
        try:
            with open(file, "w", encoding="ascii") as handle:
                handle.write(_TEXT.format(times=_TIMES))
            run({**own, "arguments": [file, "--rootdir", folder, *_OPTIONS]})
            inspect.signature(len)  # read from a text, by patterns that are compiled for it
            list(tokenize.generate_tokens(io.StringIO("x = 1\n").readline))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            linecache.cache.pop(file, None)
            sys.path_importer_cache.pop(folder, None)


@contextlib.contextmanager
def _alone(path: list[str]) -> Iterator[None]:
    """
    Without what the seed has set, and with that as it was afterwards.
    """
    environment, search = dict(os.environ), list(sys.path)
    no_bytecode = sys.dont_write_bytecode
    temporary = tempfile.tempdir  # None until the first use, which keeps what it finds
    for name in _OF_THE_SEED:
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path[:] = [place for place in search if place not in path]
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = search
        sys.dont_write_bytecode = no_bytecode
        tempfile.tempdir = temporary
        sys.modules.pop(_NAME, None)
        for name in _LAST:
            vars(sys).pop(name, None)
