"""
Whether Python source holds tests, by its text alone.
"""

from __future__ import annotations

import re

_FUNCTION = re.compile(rb"(?m)^(?:async )?def test_\w+\(")
_METHOD = re.compile(rb"(?m)^    (?:async )?def test_\w+\(")
_CLASS = re.compile(rb"(?m)^class (?:Test\w*|\w+\([^)\n]*TestCase\b)")


def holds_python_tests(data: bytes) -> bool:
    """
    Functions, or methods of classes that a runner would take; `Client.test_connection` is neither.
    """
    if b"def test_" not in data:
        return False
    return bool(_FUNCTION.search(data) or (_CLASS.search(data) and _METHOD.search(data)))
