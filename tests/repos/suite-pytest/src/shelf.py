"""
A shelf of books.
"""

import threading


def double(number):
    """
    Twice the number.

    >>> double(4)
    8
    """
    return number + number


def unused(number):
    if number:
        return 1
    return 2


def add(book, shelf):
    lock = threading.Lock()
    if book in shelf:
        raise KeyError(f"{book} is there, {lock}")
    return [*shelf, book]
