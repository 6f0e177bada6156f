"""
What runs inside a seed's interpreter: standard library and the seed's own runner, nothing else.

Python 3.8 and later. Mounted read-only and loaded by our bootstrap, under the name `_cab`; results
leave by the channel, a pipe of the sandbox.
"""

from __future__ import annotations

import json
import os
import sys

from .bytecode import store_of
from .channel import Channel

# ruff: noqa: PTH109, PTH118, PTH123
# pathlib may be what the seed tests or replaces, so nothing here imports it.


def main(plan_path: str) -> None:
    """
    Run what the plan says, in the current folder.
    """
    with open(plan_path, encoding="utf-8") as handle:
        plan = json.load(handle)
    root = os.getcwd()
    plan["path"] = [os.path.normpath(os.path.join(root, part)) for part in plan["path"]]
    if plan["children_path"]:
        parts = [os.path.join(root, part) for part in plan["children_path"]]
        os.environ["PYTHONPATH"] = os.pathsep.join(parts)
    channel = Channel()
    channel.send("begin", root=root, prefixes=sorted({sys.prefix, sys.base_prefix}))
    store = store_of(plan)
    if store is not None:
        store.serve_imports()
    tracer = None
    if plan["reach"]:
        from .reach import Tracer

        tracer = Tracer(root, plan["test_globs"])
    if "screen" in plan:
        from .screen_front import run as serve

        channel.send("end", code=serve(plan, root, channel))
        return
    if plan["framework"] == "pytest":
        from .pytest_runner import run
    else:
        from .unittest_runner import run
    code = run(plan, root, channel, tracer)
    channel.send("end", code=int(code))
