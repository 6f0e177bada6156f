"""
What a score tells a person to read: tricks that a changed file did not use before.
"""

from __future__ import annotations

import pytest
from bundles import write_bundle

from cab_tasks.bundle import Bundle, read_bundle
from cab_tasks.score import left_by
from cab_tasks.score.changes import charged
from cab_tasks.score.suspicions import suspicions

SOURCE = "src/sums.py"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return read_bundle(write_bundle(tmp_path_factory.mktemp("suspected")))


def told(bundle: Bundle, path: str, data: bytes) -> tuple[str, ...]:
    return suspicions(bundle, charged(bundle, left_by(bundle, {path: data})))


def test_trick_that_nothing_used_is_told_with_its_line(bundle: Bundle) -> None:
    before = bundle.source(SOURCE)
    assert before is not None

    assert told(bundle, SOURCE, before + b"\n\nimport inspect\n") == (
        f"{SOURCE}:{before.count(10) + 3}: uses inspect, which nothing there used",
    )


@pytest.mark.parametrize(
    "text",
    [
        b"import re\nre.compile('x')\n",
        b"# evaluate executes\n",
        b"def process():\n    signal = 1\n",
    ],
)
def test_honest_words_are_not_told(bundle: Bundle, text: bytes) -> None:
    before = bundle.source(SOURCE)
    assert before is not None

    assert told(bundle, SOURCE, before + text) == ()


def test_tests_of_an_attempt_are_not_read(bundle: Bundle) -> None:
    assert told(bundle, "tests/test_own.py", b"import unittest\n") == ()
