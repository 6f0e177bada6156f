import asyncio
import pickle
import subprocess
import sys

import pytest

from shop import kinds
from shop.kinds import (
    Point, Thing, add_seven, cached, decorated, half, later, looked_up, make_adder, oneliner,
    opened, plain, scaled, shown, steps, stream,
)


def test_plain():
    assert plain(1) == 2


def test_plain_large():
    assert plain(101) == -1


def test_program():
    told = subprocess.run([sys.executable, "-m", "shop"], capture_output=True, text=True)
    assert told.stdout == "3\n"


def test_decorated():
    assert decorated(1) == 3


def test_partial():
    assert half() == 12


def test_cached_once():
    assert cached(1) == 4


def test_cached_again():
    assert cached(1) == 4


def test_dispatch():
    assert shown(1) == "int 1"


def test_generator():
    assert list(steps(2)) == [4, 5]


def test_context():
    with opened("a") as name:
        assert name == "a!"


def test_coroutine():
    assert asyncio.run(later(1)) == 6


def test_async_generator():
    async def all_of():
        return [number async for number in stream(2)]

    assert asyncio.run(all_of()) == [6, 7]


def test_closure_made_at_import():
    assert add_seven(1) == 8


def test_closure_made_now():
    assert make_adder(1)(1) == 2


def test_metaclass():
    assert Thing(1).tag == "tag1"


def test_super():
    assert Thing(1).name() == "base thing"


def test_mangled():
    assert Thing(1).hidden() == 10


def test_property():
    assert Thing(3).twice == 6


def test_static():
    assert Thing.fixed(1) == 11


def test_class_method():
    assert Thing.made(1).hidden() == 21


def test_dataclass():
    assert Point(1).total() == 13


def test_pickled():
    assert pickle.loads(pickle.dumps(Point(1, 1))).total() == 2


def test_default():
    assert scaled(2) == 26


def test_table():
    assert looked_up(0) == 1


def test_oneliner():
    assert oneliner(1) == 15


@pytest.mark.parametrize("number", [5, 6])
def test_by_module(number):
    assert kinds.plain(number) == number + 1
