import os
import pathlib

import pytest

from shop import trouble

HERE = pathlib.Path(__file__).parent


def test_count_down():
    assert trouble.count_down(3) == 0


def test_count_down_again():
    assert trouble.count_down(2) == 0


def test_count_nothing():
    assert trouble.count_down(0) == 0


def test_slow_count():
    assert trouble.slow_count(2000) == 2000


def test_rest():
    trouble.rest(0.001)


def test_consume():
    assert trouble.consume(trouble.positive()) == 3


def test_stop():
    assert trouble.stop(False) == "soft"


def test_remember():
    assert trouble.remember("key") == 3


def test_remember_again():
    assert trouble.remember("key") == 3


def test_thread():
    assert trouble.in_thread(1) == [2]


def test_snapshot():
    """Writes what it got where that differs, as a mode that updates does."""
    expected = trouble.load(HERE)
    if trouble.asked("text") != expected:
        trouble.save(HERE, trouble.asked("text"))
    assert trouble.asked("text") == expected


def test_memory():
    assert trouble.grown(10) == 10


def test_connection(connection):
    assert connection == "connection"


def test_connection_again(connection):
    assert len(connection) == 10


def test_temporary(tmp_path):
    assert os.listdir(tmp_path) == []


@pytest.mark.skip
def test_skipped():
    pass


@pytest.mark.xfail
def test_expected_to_fail():
    assert False
