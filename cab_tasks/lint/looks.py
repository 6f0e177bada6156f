"""
What text looks like: a test, a path of somebody's machine, a Verify section.
"""

from __future__ import annotations

import re

PYTHON_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|tests)\.py$")
RUST_TESTS = re.compile(r"(?m)^[ \t]*#\[(?:cfg\(test\)|(?:\w+::){0,3}test)\]")
# A name tells in most languages; `.rs` has no such habit.
_TEST_NAME = re.compile(
    r"(?:^|/)(?:(?:test_[^/]*|[^/]*_test|tests|conftest)\.py|[^/]*_test\.go"
    r"|[^/]*\.(?:spec|test)\.[cm]?[jt]sx?|[^/]*Tests?\.java)$"
)
_TEST_TEXT = re.compile(rb"(?m)^(?:async )?def test_\w+\(|^class \w+\((?:unittest\.)?TestCase\):")
_RUST_TEXT = re.compile(RUST_TESTS.pattern.encode())
HOST_PATH = re.compile(
    rb"(?:/home|/Users)/[A-Za-z0-9._-]{1,64}/[^\s\"'`]{0,40}|(?<![\w.])/root/[^\s\"'`]{0,40}"
    rb"|\b[A-Z]:\\{1,2}Users\\{1,2}[^\s\"'`]{1,40}"
)
_VERIFY = re.compile(
    r"(?mi)^#{1,6}[ \t]*verify\b.*\n(?:(?!#|```|~~~).*\n)*?"
    r"(?P<fence>```+|~~~+)[^\n]*\n(?P<body>(?:.*\n)*?)[ \t]*(?P=fence)"
)


def looks_like_test(path: str, data: bytes | None) -> bool:
    """
    By name, and for Python and Rust by what is in the file.
    """
    if _TEST_NAME.search(path):
        return True
    if data is None:
        return False
    if path.endswith(".py"):
        return (b"def test_" in data or b"TestCase" in data) and bool(_TEST_TEXT.search(data))
    return path.endswith(".rs") and b"test]" in data and bool(_RUST_TEXT.search(data))


def may_hold_host_path(data: bytes) -> bool:
    """
    A cheap look before the pattern; most files hold none.
    """
    return b"/home/" in data or b"/Users/" in data or b"/root/" in data or b"\\Users\\" in data


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
