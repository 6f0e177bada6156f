"""
What text looks like: a test, a path of somebody's machine, a Verify section.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from cab_tasks.source_text import holds_python_tests

if TYPE_CHECKING:
    from collections.abc import Collection

PYTHON_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|tests)\.py$")
_RUST_MODULE = re.compile(
    r"(?m)^[ \t]*#\[cfg\(test\)\]\s*(?:#\[[^\]\n]*\]\s*)*(?:pub(?:\([a-z ]+\))? )?mod \w+ *\{"
)
_RUST_SINGLE = re.compile(
    r"(?m)^[ \t]*#\[(?:\w+::){0,3}test\]\s*(?:(?:#\[[^\]\n]*\]|//[^\n]*)\s*)*"
    r"(?:pub(?:\([a-z ]+\))? )?(?:async )?(?:unsafe )?fn (\$?\w+)"
)
# A name tells in most languages; `.rs` has no such habit.
_TEST_NAME = re.compile(
    r"(?:^|/)(?:(?:test_[^/]*|[^/]*_test|tests|conftest)\.py|[^/]*_test\.go"
    r"|[^/]*\.(?:spec|test)\.[cm]?[jt]sx?|[^/]*Tests?\.java)$"
)
_RUST_TEXT = re.compile(rb"(?m)^[ \t]*#\[(?:cfg\(test\)|(?:\w+::){0,3}test)\]")
HOST_PATH = re.compile(
    rb"(?:/home|/Users)/[A-Za-z0-9._-]{1,64}/[^\s\"'`]{0,40}|(?<![\w.])/root/[^\s\"'`]{0,40}"
    rb"|\b[A-Z]:\\{1,2}Users\\{1,2}[^\s\"'`]{1,40}"
)
_VERIFY = re.compile(
    r"(?mi)^#{1,6}[ \t]*verify\b.*\n(?:(?!#|```|~~~).*\n)*?"
    r"(?P<fence>```+|~~~+)[^\n]*\n(?P<body>(?:.*\n)*?)[ \t]*(?P=fence)"
)


_HOMES = frozenset((b"home", b"Users", b"root"))
REMEMBERED_MAX = 100_000  # files; 20 MB
_HELD: dict[str, bool] = {}  # digest of a Python file → whether it holds tests
_CLEAN: dict[str, bool] = {}  # digest of a file → it holds no path of a machine


@lru_cache(maxsize=REMEMBERED_MAX)
def looks_like_test(path: str) -> bool:
    """
    By name alone.
    """
    return _TEST_NAME.search(path) is not None


def holds_tests(path: str, digest: str, data: bytes | None) -> bool:
    """
    Whether Python or Rust source holds tests. Bundles of one seed share most files, hence `digest`.
    """
    if data is None or not path.endswith((".py", ".rs")):
        return False
    if path.endswith(".py"):
        known = _HELD.get(digest)
        if known is None:
            known = holds_python_tests(data)
            _remember(_HELD, digest, known)
        return known
    return b"test]" in data and _RUST_TEXT.search(data) is not None


def rust_tests(text: str, listed: Collection[str]) -> int | None:
    """
    Where Rust source holds a test module, a test whose id is listed, or one that a macro makes;
    None where it has none: what is in no list decides nothing.
    """
    module = _RUST_MODULE.search(text)
    if module is not None:
        return module.start()
    names = {test.rpartition(" ")[2].rpartition("::")[2] for test in listed}
    for single in _RUST_SINGLE.finditer(text):
        if single[1] in names or single[1].startswith("$"):
            return single.start()
    return None


def host_path(digest: str, data: bytes) -> re.Match[bytes] | None:
    """
    The first path of somebody's machine in a file.
    """
    if _CLEAN.get(digest):
        return None
    # Splitting at a single byte is several times faster than searching for four words.
    suspect = not _HOMES.isdisjoint(data.split(b"/")) or (b"\\" in data and b"\\Users\\" in data)
    found = HOST_PATH.search(data) if suspect else None
    if found is None:
        _remember(_CLEAN, digest, True)
    return found


def _remember(facts: dict[str, bool], digest: str, fact: bool) -> None:
    if len(facts) >= REMEMBERED_MAX:
        facts.clear()
    facts[digest] = fact


def mark_of(data: bytes, at: int) -> tuple[int, int]:
    """
    Line and column from 1 of a byte; the column counts bytes.
    """
    return data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)


def verify_block(text: str) -> tuple[int, int] | None:
    """
    Start and end of what the first fenced block under a heading `Verify` holds.
    """
    found = _VERIFY.search(text)
    return found.span("body") if found else None
