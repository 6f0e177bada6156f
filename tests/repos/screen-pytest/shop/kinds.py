"""
Functions of every kind.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools


def plain(number):
    """Its docstring stays."""
    if number > 100:
        return -1
    return number + 1


def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        result = function(*args)
        return result

    return wrapper


@logged
def decorated(number):
    return number + 2


@functools.lru_cache(maxsize=None)
def cached(number):
    return number + 3


half = functools.partial(decorated, 10)


@functools.singledispatch
def shown(value):
    return str(value)


@shown.register(int)
def _shown_int(value):
    return "int " + str(value)


def steps(count):
    for number in range(count):
        yield number + 4


@contextlib.contextmanager
def opened(name):
    yield name + "!"


async def later(number):
    await asyncio.sleep(0)
    return number + 5


async def stream(count):
    for number in range(count):
        yield number + 6


def make_adder(step):
    def add(number):
        return number + step

    return add


add_seven = make_adder(7)


class Registry(type):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.tag = "tag" + str(len(args))
        return made


class Base:
    def name(self):
        return "base"


class Thing(Base, metaclass=Registry):
    limit = 8

    def __init__(self, number):
        self.__number = number

    def name(self):
        return super().name() + " thing"

    def hidden(self):
        return self.__number + 9

    @property
    def twice(self):
        return self.__number * 2

    @staticmethod
    def fixed(number):
        return number + 10

    @classmethod
    def made(cls, number):
        return cls(number + 11)


@dataclasses.dataclass
class Point:
    x: int
    y: int = 12

    def total(self):
        return self.x + self.y


def scaled(number, factor=13):
    return number * factor


TABLE = [plain(number) for number in range(3)]


def looked_up(at):
    return TABLE[at]


def oneliner(number): return number + 14
