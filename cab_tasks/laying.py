"""
The tree that is judged: workdir, what the attempt may change, and the pristine tests over it.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks import workspace
from cab_tasks.attempt import Changed
from cab_tasks.tampering import shadowed_macros, sift
from cab_tasks.workspace import LinkError
from mutators.base import Refusal
from mutators.registry import test_bridge

if TYPE_CHECKING:
    from pathlib import Path

    from cab_tasks.attempt import Attempt
    from cab_tasks.bundle import Bundle

# Nested modules cost their splicing the cube of their number: 1000 take 40 s, 200 half a second.
MAX_MODULES = 200
_MODULE = re.compile(rb"\bmod\b")
LINKS_LAST = 2  # the order in which an attempt's files are laid


def lay_tree(bundle: Bundle, attempt: Attempt, tree: Path) -> list[str]:
    """
    Write the tree that is judged; returns what the attempt changed and was not allowed to.
    """
    workspace.copy_tree(bundle.workdir, tree)
    sifted = sift(bundle, attempt)
    findings = [*sifted.findings, *_lay(sifted.taken, tree)]
    findings += _splice_modules(bundle, tree)
    findings += shadowed_macros(bundle, sifted.taken, tree)
    tests = bundle.root / format_.HIDDEN_TESTS
    for path in workspace.paths(tests) if tests.is_dir() else ():
        mode, data = workspace.read(tests, path)
        workspace.write(tree, path, data, executable=mode == 0o100755)
    return findings


def _lay(taken: Attempt, tree: Path) -> list[str]:
    """
    Deletions first, so that a folder can become a file; links last, so that nothing goes through.
    """
    findings = []
    for path, entry in sorted(taken.items(), key=lambda pair: _order(pair[1])):
        try:
            _put(tree, path, entry)
        except (LinkError, FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            reason = error if isinstance(error, LinkError) else f"{path}: {error.strerror}"
            findings.append(str(reason))
    for path, entry in taken.items():
        if _order(entry) == LINKS_LAST and workspace.leads_out(tree, path):
            workspace.remove(tree, path)
            findings.append(f"{path}: a link that leads out of the tree")
    return findings


def _order(entry: bytes | Changed | None) -> int:
    if entry is None:
        return 0
    return LINKS_LAST if isinstance(entry, Changed) and entry.mode == 0o120000 else 1


def _put(tree: Path, path: str, entry: bytes | Changed | None) -> None:
    if entry is None:
        workspace.remove(tree, path)
    elif isinstance(entry, bytes):
        write_file(tree, path, entry)
    elif entry.mode == 0o120000:
        workspace.remove(tree, path)
        workspace.write_link(tree, path, os.fsdecode(entry.data))
    else:
        workspace.write(tree, path, entry.data, executable=entry.mode == 0o100755)


def _splice_modules(bundle: Bundle, tree: Path) -> list[str]:
    """
    Put pristine in-file test modules back; says where that cannot be done.
    """
    findings = []
    bridge = test_bridge(bundle.manifest.language) if bundle.manifest.tests.infile else None
    for module in bundle.manifest.tests.infile:
        place = tree / module.path
        if bridge is None or place.is_symlink() or not place.is_file():
            findings.append(f"{module.path}: holds tests and is no plain file")
            continue
        data = place.read_bytes()
        before = bundle.read(f"{format_.WORKDIR}/{module.path}")
        if len(_MODULE.findall(data)) > len(_MODULE.findall(before)) + MAX_MODULES:
            findings.append(f"{module.path}: its tests cannot be put back (too many modules)")
            continue
        spliced = bridge.splice(data, tuple(module.module.split("::")), bundle.pristine(module))
        if isinstance(spliced, Refusal):
            findings.append(f"{module.path}: its tests cannot be put back ({spliced.reason})")
        else:
            write_file(tree, module.path, spliced)
    return findings


def write_file(tree: Path, path: str, data: bytes) -> None:
    place = tree / path
    executable = place.is_file() and bool(place.stat().st_mode & stat.S_IXUSR)
    workspace.write(tree, path, data, executable=executable)
