"""
Functions whose mutants hang, crash, or do more than compute.
"""

import os
import pathlib
import sys
import threading
import time

SEEN = {}


def count_down(number):
    while number > 0:
        number = number - 1
    return number


def slow_count(number):
    total = 0
    for _ in range(number):
        total += 1
    return total


def rest(seconds):
    time.sleep(seconds)


def consume(numbers):
    return sum(numbers)


def positive():
    return iter([1, 2])


def stop(hard):
    if hard:
        os._exit(0)
    return "soft"


def remember(key):
    if key not in SEEN:
        SEEN[key] = len(key)
    return SEEN[key]


def in_thread(number):
    found = []
    thread = threading.Thread(target=lambda: found.append(number + 1))
    thread.start()
    thread.join()
    return found


def save(folder, text):
    pathlib.Path(folder, "golden.txt").write_text(text)


def load(folder):
    return pathlib.Path(folder, "golden.txt").read_text()


def asked(question):
    if question == "":
        return sys.stdin.readline()
    return question


def grown(size):
    return len(bytearray(size))


def connect():
    return "connection"
