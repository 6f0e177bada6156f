"""
What a Rust suite reaches: probes woven into a copy of the sources, and one run of that.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cab_tasks.globs import matches
from cab_tasks.model import Reach, Run, RunEnd
from cab_tasks.sandbox import Mount
from cab_tasks.suite.cargo import build_and_run, run_built
from cab_tasks.suite.cargo_build import ONCE, build
from cab_tasks.suite.freshness import recorded, restore
from cab_tasks.workspace import copy_tree, read_files, write
from mutators.rust._probe import RUNTIME, weave_probes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cab_tasks.suite.cargo_build import Built
    from cab_tasks.suite.request import Request

_HITS = "/cab/reach"
_UNPROBED = -1


@dataclass(frozen=True, slots=True)
class _Woven:
    """
    Sources with probes, and the spans (id, start, end) in the originals; by path.
    """

    files: Mapping[str, bytes]
    spans: Mapping[str, tuple[tuple[int, int, int], ...]]


def trace_cargo(request: Request) -> tuple[Run, Reach]:
    """
    One run of the woven suite; which test executes a line is not known.

    Where the woven sources do not build, it is a plain run, and all product code counts as reached.
    """
    with tempfile.TemporaryDirectory(prefix="cab-reach-") as folder:
        target = request.target or Path(folder, "target")
        target.mkdir(parents=True, exist_ok=True)
        built = build(request, target, request.limits.timeout_s)
        if built.end is not None:
            return Run(built.end, duration_s=built.duration_s, detail=built.detail), Reach()
        originals = dict(read_files(request.tree, skip=(".git",)))
        woven = _weave(originals, built.roots, request.spec.test_globs)
        run = _run_woven(request, woven, built, target, Path(folder))
        if run.end is RunEnd.BUILD_FAILED:
            return build_and_run(request, target), _all(originals, woven)
        return run, _reach(originals, woven, _read_hits(Path(folder, "hits/ids")))


def _run_woven(request: Request, woven: _Woven, plain: Built, target: Path, folder: Path) -> Run:
    """
    One run of a copy of the tree with probes in it; the `plain` build in `target` stays good.
    """
    started = time.monotonic()
    tree, hits = folder / "tree", folder / "hits"
    hits.mkdir()
    copy_tree(request.tree, tree)
    for path, data in woven.files.items():
        write(tree, path, data)
    request = replace(
        request,
        tree=tree,
        variables=(*request.variables, ONCE),
        extra_mounts=(Mount(hits, _HITS, writable=True),),
        extra_variables=(("CAB_REACH", f"{_HITS}/ids"),),
    )
    before = recorded(target)
    restore(target, {})  # nothing is known of what an earlier build of this kind has seen
    built = build(request, target, request.limits.timeout_s)
    # A profile may turn incremental builds off: then cargo puts both builds in one place.
    if built.end is None and not built.files & plain.files:
        restore(target, before)
    return run_built(request, built, target, started)


def _weave(
    originals: Mapping[str, bytes], roots: tuple[str, ...], globs: tuple[str, ...]
) -> _Woven:
    files: dict[str, bytes] = {}
    spans: dict[str, tuple[tuple[int, int, int], ...]] = {}
    folders = tuple(f"{PurePosixPath(root).parent}/" for root in roots)
    first = 0
    for path, data in sorted(originals.items()):
        is_product = path in roots or path.startswith(tuple(f for f in folders if f != "./"))
        if not path.endswith(".rs") or not is_product or matches(path, globs):
            continue
        files[path], spans[path] = weave_probes(data, first)
        first += len(spans[path])
    for root in roots:
        if root in originals:
            files[root] = files.get(root, originals[root]) + RUNTIME
    return _Woven(files, spans)


def _read_hits(path: Path) -> frozenset[int]:
    if not path.is_file():
        return frozenset()
    return frozenset(int(word) for word in path.read_bytes().split() if word.isdigit())


def _reach(originals: Mapping[str, bytes], woven: _Woven, hits: frozenset[int]) -> Reach:
    lines = {
        path: _lines(originals[path], spans, hits) for path, spans in sorted(woven.spans.items())
    }
    return Reach({path: found for path, found in lines.items() if found})


def _lines(
    data: bytes, spans: Iterable[tuple[int, int, int]], hits: frozenset[int]
) -> frozenset[int]:
    """
    Lines with code whose innermost span was hit. Items outside all spans (constants) are executed
    at compile time, or by whoever uses them: they count where anything in the file was hit.
    """
    innermost = [_UNPROBED] * len(data)
    any_hit = False
    for number, start, end in sorted(spans, key=lambda span: span[1] - span[2]):
        innermost[start:end] = [number] * (end - start)
        any_hit = any_hit or number in hits
    found = set()
    start = 0
    for line, text in enumerate(data.split(b"\n"), 1):
        for at, char in enumerate(text, start):
            number = innermost[at]
            if char > 32 and (any_hit if number == _UNPROBED else number in hits):
                found.add(line)
                break
        start += len(text) + 1
    return frozenset(found)


def _all(originals: Mapping[str, bytes], woven: _Woven) -> Reach:
    counts = {path: originals[path].count(b"\n") + 1 for path in woven.spans}
    return Reach({path: frozenset(range(1, count + 1)) for path, count in sorted(counts.items())})
