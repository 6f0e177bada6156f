"""
The floor of Python screening: one fork a mutant, and pytest's item protocol of its tests.

    python _floor_inside.py PLAN.json ANSWER.json [pytest's arguments]

Run by the seed's interpreter in a copy of its tree, which is not changed: nothing is mutated. The
plan is a list of lists of test ids; the answer the seconds that all took, from the first fork to
the end of the last, imports and collection not counted.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest


class Floor:
    def __init__(self, plan: list[list[str]]) -> None:
        self.plan = plan
        self.seconds = 0.0
        self.unknown = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        items = {item.nodeid: item for item in session.items}
        session.config.pluginmanager.unregister(name="terminalreporter")
        gc.collect()
        gc.freeze()
        started = time.monotonic()
        for tests in self.plan:
            chosen = [items[test] for test in tests if test in items]
            self.unknown += len(tests) - len(chosen)
            child = os.fork()
            if not child:
                run(chosen)
                os._exit(0)
            os.waitpid(child, 0)
        self.seconds = time.monotonic() - started
        return True


def run(items: list[Any]) -> None:
    for item, following in zip(items, [*items[1:], None]):  # noqa: B905 - Python 3.9
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)


def main() -> None:
    plan, answer = Path(sys.argv[1]), Path(sys.argv[2])
    floor = Floor(json.loads(plan.read_text()))
    quiet = ["-p", "no:cacheprovider", "-p", "no:faulthandler"]
    sys.path.insert(0, str(Path.cwd()))
    code = pytest.main([*sys.argv[3:], *quiet], plugins=[floor])
    answer.write_text(
        json.dumps({"seconds": floor.seconds, "unknown": floor.unknown, "code": int(code)})
    )


if __name__ == "__main__":
    main()
