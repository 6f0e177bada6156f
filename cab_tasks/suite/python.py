"""
One process of the seed's interpreter with our injected file, for pytest and unittest alike.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cab_tasks.sandbox import INJECT, TREE, Command, Mount, run
from cab_tasks.suite.interpreter import PYTHON, interpreter_mounts
from cab_tasks.suite.report import read_report
from cab_tasks.suite.rounds import run_rounds
from cab_tasks.workspace import paths, read

if TYPE_CHECKING:
    from cab_tasks.model import Reach, Run
    from cab_tasks.sandbox import Finished
    from cab_tasks.suite.report import Report
    from cab_tasks.suite.request import Bytecode, Request

_INJECTED = Path(__file__).with_name("inject")
_PLAN = "/cab/plan"
_BYTECODE = "/cab/bytecode"
# The tree is not on the path as this starts, so no file there can take the place of ours.
_BOOTSTRAP = """
import sys
del sys.path[0]
import importlib.util as u
d = sys.argv[1]
s = u.spec_from_file_location("_cab", d + "/__init__.py", submodule_search_locations=[d])
m = sys.modules["_cab"] = u.module_from_spec(s)
s.loader.exec_module(m)
p = sys.argv[2]
sys.argv[:] = sys.argv[3:]
m.main(p)
"""
_FIXED = (
    ("PYTHONHASHSEED", "0"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONNOUSERSITE", "1"),
    ("PYTHONUTF8", "1"),
)
# Else a compiled file that says "do not check me" stands in for any source beside it.
_NO_FORGED_CACHES = ("--check-hash-based-pycs", "always")
_OURS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTEST_ADDOPTS")


def run_python(
    request: Request, arguments: tuple[str, ...], *, adds_tree: bool
) -> tuple[Run, Reach]:
    """
    Run a Python framework; `adds_tree` where the command puts its folder on the import path.
    """

    def launch(select: tuple[str, ...] | None, timeout_s: float) -> tuple[Finished, Report]:
        chosen = request.select or None if select is None else select
        plan = python_plan(request, arguments, chosen, adds_tree=adds_tree)
        with tempfile.TemporaryDirectory(prefix="cab-plan-") as folder:
            Path(folder, "plan.json").write_text(json.dumps(plan), encoding="ascii")
            limits = replace(request.limits, timeout_s=timeout_s)
            finished = run(python_command(request, Path(folder)), limits, policy=request.policy)
        return finished, read_report(finished.channel)

    return run_rounds(request, launch)


def python_plan(
    request: Request,
    arguments: tuple[str, ...],
    select: tuple[str, ...] | None,
    *,
    adds_tree: bool,
) -> dict[str, object]:
    """
    What the injected file is told to do.
    """
    path = [part for part in request.variable("PYTHONPATH").split(":") if part]
    return {
        "framework": request.spec.framework,
        "arguments": arguments,
        "path": [*(["."] if adds_tree else []), *path],
        "children_path": path,
        "select": select,
        # All that is read. After a crash `select` is fewer, and an error in any of these counts.
        "files_of": request.select if request.is_quick else (),
        "shuffle": request.shuffle,
        "test_timeout_s": request.test_timeout_s,
        "test_globs": request.spec.test_globs,
        "reach": request.reach,
        "has_hypothesis": _names_hypothesis(request.tree),
        "bytecode": _bytecode_plan(request),
    }


def _bytecode(request: Request) -> Bytecode | None:
    """
    What is kept, if it is there: another node of a cluster has none.
    """
    kept = request.bytecode
    return kept if kept is not None and kept.folder.is_dir() else None


def _bytecode_plan(request: Request) -> dict[str, object] | None:
    """
    Of files where the sandbox has its tree: code knows its place, and elsewhere that changes.
    """
    kept = _bytecode(request)
    if kept is None:
        return None
    return {"folder": _BYTECODE, "is_writable": kept.is_writable, "root": TREE}


def _bytecode_mounts(request: Request) -> tuple[Mount, ...]:
    kept = _bytecode(request)
    if kept is None:
        return ()
    return (Mount(kept.folder, _BYTECODE, writable=kept.is_writable),)


def _names_hypothesis(tree: Path) -> bool:
    """
    Whether any source does; importing it takes as long as a small suite.
    """
    sources = (path for path in paths(tree, skip=(".git",)) if path.endswith(".py"))
    return any(b"hypothesis" in read(tree, path)[1] for path in sources)


def python_command(request: Request, plan: Path, *, requests: bool = False) -> Command:
    """
    Our bootstrap with the plan in this folder; with `requests`, a session's.
    """
    return Command(
        argv=(
            PYTHON,
            "-s",
            *_NO_FORGED_CACHES,
            "-c",
            _BOOTSTRAP,
            INJECT,
            f"{_PLAN}/plan.json",
            request.spec.framework,
        ),
        tree=request.tree,
        cwd=TREE,
        env=_variables(request),
        mounts=(
            *interpreter_mounts(request.environment),
            Mount(_INJECTED, INJECT),
            Mount(plan, _PLAN),
            *_bytecode_mounts(request),
        ),
        channel=True,
        requests=requests,
    )


def _variables(request: Request) -> tuple[tuple[str, str], ...]:
    """
    PYTHONPATH is left to the plan: as a variable it would let the tree's sitecustomize run first.
    """
    given = dict((*_FIXED, *request.spec.env, *request.variables))
    return tuple(sorted((name, value) for name, value in given.items() if name not in _OURS))
