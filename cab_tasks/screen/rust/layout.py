"""
Which files of a tree belong to product crates, and these files woven.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from cab_tasks.errors import SeedEnvironmentError
from cab_tasks.globs import matches
from cab_tasks.sandbox import TREE, Command, run
from cab_tasks.suite.cargo_build import TOOLS, toolchain_mounts, variables
from cab_tasks.workspace import read_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cab_tasks.suite.request import Request
    from mutators.rust._switch import Woven

_PRODUCT = frozenset(("lib", "rlib", "dylib", "cdylib", "staticlib", "bin"))
_OTHER_FOLDERS = ("tests", "benches", "examples", "target")
_METADATA = ("metadata", "--no-deps", "--offline", "--format-version=1")
_SCRIPT = 'pwd >&3; exec "$@" >&3'


@dataclass(frozen=True, slots=True)
class Layout:
    """
    All Rust files of a tree by path; roots of the crates that get a runtime; files to be woven.
    """

    originals: Mapping[str, bytes]
    roots: tuple[str, ...]
    paths: tuple[str, ...]


def layout_of(request: Request) -> Layout:
    """
    What cargo says of the packages in a tree.

    Raises:
        SeedEnvironmentError: it says nothing.
    """
    targets = list(_targets(request))
    originals = {
        path: data for path, data in read_files(request.tree, skip=(".git",)) if path[-3:] == ".rs"
    }
    ours = [path for kinds, path in targets if kinds & _PRODUCT and path in originals]
    # Code of theirs runs in the compiler: a switch in it would be read when others are built.
    theirs = [path for kinds, path in targets if "proc-macro" in kinds]
    folders = [str(PurePosixPath(path).parent) for path in ours]
    skipped = tuple(f"{PurePosixPath(path).parent}/" for path in theirs)
    other = {path for kinds, path in targets if not kinds & _PRODUCT}
    globs = request.spec.test_globs
    paths = tuple(
        path
        for path in sorted(originals)
        if (path in ours or any(_is_in(path, folder) for folder in folders))
        and path not in other
        and not path.startswith(skipped)
        and not matches(path, globs)
    )
    return Layout(originals, tuple(path for path in sorted(set(ours)) if path in paths), paths)


def with_runtime(layout: Layout, woven: Mapping[str, Woven], module: bytes) -> dict[str, bytes]:
    """
    The bytes to write: woven files, and crate roots with the module that they call.
    """
    files = {path: one.data for path, one in woven.items()}
    for root in layout.roots:
        files[root] = files.get(root, layout.originals[root]) + module
    return files


def _is_in(path: str, folder: str) -> bool:
    if folder == ".":
        return path.split("/")[0] not in _OTHER_FOLDERS
    return path.startswith(f"{folder}/")


def _targets(request: Request) -> Iterable[tuple[frozenset[str], str]]:
    command = Command(
        argv=("/bin/sh", "-c", _SCRIPT, "cab", f"{TOOLS}/bin/cargo", *_METADATA),
        tree=request.tree,
        cwd=TREE,
        env=variables(request),
        mounts=toolchain_mounts(request),
        channel=True,
    )
    finished = run(command, request.limits, policy=request.policy)
    root, _, text = finished.channel.decode("utf-8", "replace").partition("\n")
    if finished.exit_code != 0:
        why = finished.stderr.decode("utf-8", "replace").strip()[-500:]
        raise SeedEnvironmentError(f"cargo does not tell the targets of this tree: {why}")
    for package in json.loads(text)["packages"]:
        for target in package["targets"]:
            if target["src_path"].startswith(f"{root}/"):
                yield frozenset(target["kind"]), target["src_path"].removeprefix(f"{root}/")
