"""
Reads requests line by line, and answers each with one line.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import sys
import tempfile
import threading
from typing import Any

from .process import Program, run_path, run_tests
from .rounds import run_rounds
from .tree import Scratch, Tree

_REQUESTS_FD, _CHANNEL_FD = 6, 3
_FIXED = ("/cab/tree", "/cab/target", "/cab/cargo", "/cab/toolchain", "/cab/doctests")


class Server:
    """
    The programs of one build, and the tree that they run in.
    """

    def __init__(self, places: tuple[str, ...], pristine: str, home: str) -> None:
        # Without namespaces, the fixed places are somewhere else.
        self._places = dict(zip(_FIXED, places, strict=True))
        self._notes = tempfile.mkdtemp(prefix="cab-")
        self._programs: list[Program] = []
        temporary = os.path.dirname(self._notes)  # noqa: PTH120
        self._tree = Tree(places[0], pristine)
        own = f"{places[1]}/tmp"  # what cargo gives to tests
        folders = (temporary, home, own) if os.path.isdir(own) else (temporary, home)  # noqa: PTH112
        self._scratch = Scratch(folders)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["kind"]:
            case "programs":
                _limit_memory(request["memory_bytes"])
                self._programs = [self._program(one) for one in request["programs"]]
                return {"pid": os.getpid()}
            case "trace":
                return self._trace(request)
            case _:
                return self._mutant(request)

    def _program(self, told: dict[str, Any]) -> Program:
        return Program(
            tuple(map(self._here, told["argv"])),
            self._here(told["cwd"]),
            {name: self._here(value) for name, value in told["env"]},
            told["fuel"],
            told["guard_s"],
            {name: self._here(path) for name, path in told["paths"].items()},
            frozenset(told["failing"]),
        )

    def _here(self, text: str) -> str:
        for fixed, place in self._places.items():
            text = text.replace(fixed, place) if fixed != place else text
        return text

    def _mutant(self, request: dict[str, Any]) -> dict[str, Any]:
        """
        `runs` are pairs of a program and its tests. Told are tests that did not pass.
        """
        results, ran, hung_s, is_over_limit, is_over_time = [], 0, 0.0, False, False
        for number, names in request["runs"]:
            found = run_rounds(
                self._programs[number], names, {"CAB_MUT": str(request["id"])},
                f"{self._notes}/mutant", stops_early=request["first_flip"],
            )  # fmt: skip
            ran += len(found.endings)
            hung_s += found.hung_s
            is_over_limit |= found.is_over_limit
            is_over_time |= found.is_over_time
            bad = [(name, one) for name, one in found.endings.items() if one.outcome != "passed"]
            for name, one in bad:
                texts = (one.text, one.message) if request["describe"] else ("", "")
                results.append((number, name, one.outcome, one.duration_s, *texts))
            if is_over_time or (bad and request["first_flip"]):
                break
        self._scratch.clear()
        return {
            "results": results, "ran": ran, "hung_s": hung_s, "is_over_limit": is_over_limit,
            "is_over_time": is_over_time, "has_changed": self._tree.put_back(),
        }  # fmt: skip

    def _trace(self, request: dict[str, Any]) -> dict[str, Any]:
        """
        Each test in a process of its own, several at a time: its outcome, its sites, its ticks.
        """
        program, found = self._programs[request["program"]], {}
        todo: queue.SimpleQueue[str] = queue.SimpleQueue()
        for name in request["names"]:
            todo.put(name)

        def work(number: int) -> None:
            while not todo.empty():
                try:
                    name = todo.get_nowait()
                except queue.Empty:
                    return
                found[name] = _traced(program, name, f"{self._notes}/{number}")

        threads = [threading.Thread(target=work, args=(at,)) for at in range(request["jobs"])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._scratch.clear()
        self._tree.put_back()
        return {"tests": found}


def _limit_memory(size_bytes: int) -> None:
    """
    For each process to come: one that wants too much must not take the session along.
    """
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = size_bytes if most == resource.RLIM_INFINITY else min(size_bytes, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _traced(program: Program, name: str, notes: str) -> dict[str, Any]:
    """
    A test that is a program of its own is told `failing` if that does not end well: rustdoc has
    said that the test passes.
    """
    fuel = {"CAB_FUEL": "trace"}
    if program.paths:
        told = run_path(program, name, fuel, notes, patience=10.0)
    else:
        told = run_tests(program, (name,), fuel, notes, patience=10.0)
    ending = told.endings.get(name)
    is_failing = bool(program.paths) and told.is_finished and told.code != 0
    return {
        "outcome": "passed" if is_failing else ending.outcome if ending else "absent",
        "failing": is_failing,
        "duration_s": ending.duration_s if ending else 0.0,
        "sites": sorted({int(note[2:]) for note in told.notes if note.startswith("h ")}),
        "ticks": max((int(note[2:]) for note in told.notes if note.startswith("t ")), default=0),
    }


def main() -> None:
    """
    Serve until there are no more requests; arguments are the places of what is mounted.
    """
    tree, target, cargo, tools, doctests, pristine, home = sys.argv[1:]
    for fd in (_REQUESTS_FD, _CHANNEL_FD):
        os.set_inheritable(fd, False)
    server = Server((tree, target, cargo, tools, doctests), pristine, home)
    with (
        open(_REQUESTS_FD, encoding="ascii") as requests,
        open(_CHANNEL_FD, "w", encoding="ascii", buffering=1) as channel,
    ):
        for line in requests:
            channel.write(json.dumps(server.answer(json.loads(line))) + "\n")
