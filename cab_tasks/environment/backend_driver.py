"""
Runs a project's own build, in its tree, inside the sandbox; leaves the results in /cab/out.

Standard library only, and old syntax: the interpreter is the seed's (3.8 or later). `missing.json`
names requirements that the build backend asks for and that are not installed yet.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

OUT = Path("/cab/out")
SKIPPED = {".git", "__pycache__", "build", "dist", ".eggs", ".venv", "node_modules", "target"}


def files() -> set[Path]:
    found: set[Path] = set()
    for folder, names, leaves in os.walk("."):
        names[:] = [name for name in names if name not in SKIPPED and ".egg-info" not in name]
        paths = (Path(folder, leaf) for leaf in leaves)
        found.update(path for path in paths if path.is_file() and not path.is_symlink())
    return found


def set_up(commands: list[str]) -> None:
    for command in commands:
        subprocess.run(["/bin/sh", "-ec", command], check=True, stdin=subprocess.DEVNULL)


def backend(order: dict[str, Any]) -> Any:
    sys.path[:0] = [str(Path(folder).resolve()) for folder in order["path"]]
    name, _, attribute = order["backend"].partition(":")
    found: Any = importlib.import_module(name)
    for part in attribute.split(".") if attribute else ():
        found = getattr(found, part)
    return found


def build(hooks: Any, is_told: bool) -> None:
    ask = getattr(hooks, "get_requires_for_build_wheel", None)
    wanted = ask(None) if ask else []
    if wanted and not is_told:
        (OUT / "missing.json").write_text(json.dumps(sorted(set(wanted))))
        return
    (OUT / "wheel").mkdir()
    hooks.build_wheel(str(OUT / "wheel"))


def keep_new(before: set[Path]) -> None:
    for path in sorted(files() - before):
        target = OUT / "generated" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text())
    before = files()
    set_up(order["setup"])
    for path, text in order["laid"].items():
        Path(path).write_text(text)
    try:
        if order["backend"]:
            build(backend(order), order["is_told"])
    finally:
        for path in order["laid"]:
            Path(path).unlink()
        keep_new(before)


main()
