"""
What an agent can read: every byte of its folder, searched for the fix and for hidden tests.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.attack.record import OURS, Kind, UnfitError, attack
from cab_tasks.leakage import HISTORY_AND_BUILDS, bundle_leaks
from cab_tasks.patch import fixed_lines
from cab_tasks.prompt import test_names

if TYPE_CHECKING:
    from cab_tasks.attack.scene import Scene

_leak = functools.partial(attack, kind=Kind.LEAK)
_SHORT = 12  # a line of the fix that has fewer letters may stand anywhere
_OBJECTS = "git cat-file --batch-all-objects --batch --unordered"


@_leak("leakage.history")
def history(scene: Scene) -> None:
    """
    More history than one commit: later commits, tags, reflogs, stashes, alternates, submodules.
    """
    said = scene.shell("git rev-list --all --reflog --count && git for-each-ref | wc -l").split()
    if said != [b"1", b"1"]:
        scene.found.append(f"commits and references: {b' '.join(said).decode()}")
    for name in ("FETCH_HEAD", "packed-refs", "objects/info/alternates", "modules", "ORIG_HEAD"):
        if (scene.folder / ".git" / name).exists():
            scene.found.append(f".git/{name} is there")


@_leak("leakage.git-objects")
def git_objects(scene: Scene) -> None:
    """
    A line of the fix in any object of the repository, reachable or not.
    """
    _search(scene, scene.shell(_OBJECTS), "objects of .git")


@_leak("leakage.files")
def files(scene: Scene) -> None:
    """
    A line of the fix in any file of the folder: backups, caches, logs, compiled files.
    """
    for path, data in workspace.read_files(scene.folder, skip=(".git",)):
        _search(scene, data, path)


@_leak("leakage.hidden-tests")
def hidden_tests(scene: Scene) -> None:
    """
    The name of a hidden test in any file, the prompt, or any object of the repository.
    """
    manifest = scene.bundle.manifest
    if manifest.tests.visibility != "hidden" or manifest.prompt_level == "published":
        raise UnfitError("the tests are visible by intent")
    lists = scene.bundle.tests
    names = set(test_names(lists.fail_to_pass)) - set(test_names(lists.pass_to_pass))
    data = scene.shell(_OBJECTS) + b"".join(
        data for _, data in workspace.read_files(scene.folder, skip=(".git",))
    )
    for name in sorted(names):
        if re.search(rb"\bfn %b\b|\bdef %b\b" % (name.encode(), name.encode()), data):
            scene.found.append(f"names the hidden test {name}")


@_leak("leakage.caches")
def caches(scene: Scene) -> None:
    """
    Compiled files, caches and build output that somebody's run of the right code left.
    """
    scene.found += [
        path
        for path in workspace.paths(scene.folder, skip=(".git",))
        if HISTORY_AND_BUILDS.search(path)
    ]


@_leak("leakage.bundle", source=OURS)
def of_bundle(scene: Scene) -> None:
    """
    What our own rules look for in a bundle: copies of right code, paths of the author's machine.
    """
    scene.found += bundle_leaks(scene.bundle)


@_leak("leakage.bundle-files", source=OURS)
def bundle_files(scene: Scene) -> None:
    """
    A file of the bundle that is not for the agent: evidence, digests, test lists, the mutator.
    """
    for name in ("hidden", "evidence.json", "tests.json", "fix.patch", "task.yaml", "digests.txt"):
        if (scene.folder / name).exists() and not (scene.bundle.workdir / name).exists():
            scene.found.append(f"{name} is there")
    mutation = (scene.bundle.evidence or {}).get("mutation", {})
    mutator = str(mutation.get("mutator", "")) if isinstance(mutation, dict) else ""
    if mutator and scene.bundle.manifest.prompt_level != "published":
        told = [
            path for path, data in workspace.read_files(scene.folder) if mutator.encode() in data
        ]
        scene.found += [f"{path} names the mutator" for path in told]


def _search(scene: Scene, data: bytes, where: str) -> None:
    """
    Lines of the fix that stand in `data` and nowhere in what the agent is meant to see.
    """
    lines = {line.strip() for added in fixed_lines(scene.bundle.fix()).values() for line in added}
    seen = b"\n".join(data for _, data in workspace.read_files(scene.bundle.workdir))
    for line in sorted(lines):
        text = line.encode()
        if len(line) >= _SHORT and text not in seen and text in data:
            scene.found.append(f"{where}: holds a line of the fix: {line}")
