"""
What an agent gets to see of a broken tree: its tests cut out, or left, and what scoring restores.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from cab_tasks.globs import matches
from cab_tasks.manifest import InfileModule
from cab_tasks.sites import SUFFIXES
from mutators.base import Refusal
from mutators.registry import test_bridge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from cab_tasks.model import SuiteSpec

CONFIGURATION = {
    "python": (
        "pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini", ".pytest.ini", "pytest.toml",
        ".pytest.toml", "conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py",
        ".coveragerc",
    ),
    "rust": ("Cargo.toml", "Cargo.lock", "build.rs", ".cargo/**", "rust-toolchain*"),
    "go": ("go.mod", "go.sum", "go.work", "go.work.sum", "vendor/**"),
    "java": (
        "pom.xml", "build.gradle*", "settings.gradle*", "gradle.properties", ".mvn/**",
        "META-INF/**", "**/META-INF/**", "module-info.java",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hidden:
    """
    Files by path: `cut` replace those of workdir (None: taken away); `tests` are pristine copies
    of whole test files; `infile` pristine in-file test modules, `path` → module → text.
    """

    cut: Mapping[str, bytes | None] = field(default_factory=dict)
    tests: Mapping[str, bytes] = field(default_factory=dict)
    infile: Mapping[tuple[str, str], bytes] = field(default_factory=dict)

    def modules(self) -> tuple[InfileModule, ...]:
        return tuple(InfileModule(path=path, module=name) for path, name in sorted(self.infile))


def protected_globs(spec: SuiteSpec) -> tuple[str, ...]:
    """
    Globs of the files that an attempt may change without any effect: tests and configuration.
    """
    globs = dict.fromkeys((*spec.test_globs, *CONFIGURATION[spec.language]))
    return tuple(glob for glob in globs if f"**/{glob}" not in globs)


def test_files(spec: SuiteSpec, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """
    The test files among a tree's files that are source of the seed's language.
    """
    suffix = SUFFIXES[spec.language]
    return {
        path: data
        for path, data in files.items()
        if path.endswith(suffix) and matches(path, spec.test_globs)
    }


def hide(
    spec: SuiteSpec, files: Mapping[str, bytes], failing: Collection[str], *, visible: bool
) -> Hidden | Refusal:
    """
    What of `files` (the repaired tree) is kept from the agent, so that no failing test remains.

    Function by function where the parser finds the test; else its module or file goes whole.
    """
    pristine = test_files(spec, files)
    infile = _infile_modules(spec, files, pristine)
    if visible:
        return Hidden(tests=pristine, infile=infile)
    places = _places(spec, files, failing)
    if isinstance(places, Refusal):
        return places
    cut: dict[str, bytes | None] = {}
    for path, names in places.items():
        left = _without(spec, path, files[path], names, infile)
        if isinstance(left, Refusal):
            return left
        cut[path] = left
    return Hidden(cut, pristine, infile)


def is_doctest(test: str) -> bool:
    """
    Whether an id is a documentation test's: documentation stays visible, so it is never cut.

    rustdoc's are `crate::doc …` here; pytest names one by its object's dotted path
    (`pkg/mod.py::pkg.mod.function`), where a test function's name has no dot.
    """
    if "::doc " in test:
        return True
    path, _, item = test.partition("[")[0].partition("::")
    is_module = item == posixpath.basename(path)[:-3] and not item.startswith("test")
    return "::" not in item and ("." in item or is_module)


def test_functions(
    spec: SuiteSpec, files: Mapping[str, bytes], tests: Iterable[str]
) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """
    File and path of names → the tests that this function is; those that are none are left out.
    """
    found: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    index = _rust_index(files) if spec.language == "rust" else {}
    for test in sorted(tests):
        place = None if is_doctest(test) else _place(spec, test, files, index)
        if place is not None and place[0] in files and place[1] and place[1][0] != "*":
            found[place].append(test)
    return dict(found)


def unprotected_tests(
    spec: SuiteSpec, files: Mapping[str, bytes], tests: Iterable[str]
) -> tuple[str, ...]:
    """
    Rust tests that stand in product code by themselves, or that a macro makes there: whoever edits
    the code can edit them, and they cannot be put back as a test module is.
    """
    if spec.language != "rust":
        return ()
    index = _rust_index(files)
    infile = _infile_modules(spec, files, test_files(spec, files))
    modules = {(path, tuple(module.split("::"))) for path, module in infile}

    def is_open(test: str) -> bool:
        if is_doctest(test):
            return False
        place = _place(spec, test, files, index)
        if place is None or place[0] not in files:
            return "::" not in test.partition(" ")[0]  # else of a folder of tests
        path, names = place
        inside = names[1:] if names[:1] == ("*",) else names
        return not matches(path, spec.test_globs) and not any(
            path == module[0] and inside[: len(module[1])] == module[1] for module in modules
        )

    return tuple(test for test in tests if is_open(test))


def _place(
    spec: SuiteSpec,
    test: str,
    files: Mapping[str, bytes],
    index: Mapping[tuple[str, ...], list[str]],
) -> tuple[str, tuple[str, ...]] | None:
    if spec.framework == "pytest":
        return _pytest_place(test)
    if spec.framework == "unittest":
        return _unittest_place(test, files)
    return _cargo_place(test, files, index)


def _places(
    spec: SuiteSpec, files: Mapping[str, bytes], failing: Iterable[str]
) -> dict[str, set[tuple[str, ...]]] | Refusal:
    """
    File → names of the failing tests in it; an empty set: the whole file's tests.
    """
    places: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    index = _rust_index(files) if spec.language == "rust" else {}
    for test in failing:
        if is_doctest(test):
            continue
        place = _place(spec, test, files, index)
        if place is None or place[0] not in files:
            return Refusal(f"test not found in the sources: {test}")
        if spec.language == "python" and not matches(place[0], spec.test_globs):
            return Refusal(f"{place[0]}: holds tests but no test glob matches it (test-globs)")
        places[place[0]].add(place[1])
    return dict(places)


def _pytest_place(test: str) -> tuple[str, tuple[str, ...]]:
    path, *names = test.partition("[")[0].split("::")
    return path, tuple(names)


def _unittest_place(test: str, files: Mapping[str, bytes]) -> tuple[str, tuple[str, ...]] | None:
    parts = test.partition(" ")[0].split(".")
    for length in range(len(parts) - 1, 0, -1):
        tail = "/".join(parts[:length]) + ".py"
        found = [path for path in files if path == tail or path.endswith("/" + tail)]
        if found:
            return min(found, key=len), tuple(parts[length:])
    return None


def _rust_index(files: Mapping[str, bytes]) -> dict[tuple[str, ...], list[str]]:
    """
    Module path and function → the files that define such a test; the crate is not part of it.
    """
    index: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, data in files.items():
        if not path.endswith(".rs"):
            continue
        items = test_bridge("rust").test_items(data)
        if isinstance(items, Refusal):
            continue
        for item in items:
            index[(*_rust_module(path), *item.names)].append(path)
    return index


def _rust_module(path: str) -> tuple[str, ...]:
    """
    The module path of a file inside its target: `src/a/b.rs` is `a::b`, `tests/x.rs` the root.
    """
    parts = path.removesuffix(".rs").split("/")
    for anchor in ("src", "tests", "benches", "examples"):
        if anchor in parts:
            at = len(parts) - 1 - parts[::-1].index(anchor)
            parts = parts[at + 1 :] if anchor == "src" else parts[at + 2 :]
            break
    if parts and parts[-1] in ("lib", "main", "mod"):
        parts = parts[:-1]
    return tuple(parts[1:] if parts[:1] == ["bin"] else parts)


def _cargo_place(
    test: str, files: Mapping[str, bytes], index: Mapping[tuple[str, ...], list[str]]
) -> tuple[str, tuple[str, ...]] | None:
    binary, _, name = test.partition(" ")
    names = tuple(name.split("::"))
    target = binary.split("::")[1] if "::" in binary else ""
    found = index.get(names, [])
    if target and not target.startswith("bin/"):
        found = [path for path in found if f"tests/{target}" in path]
    elif not target:
        found = [path for path in found if "tests/" not in path or "src/" in path]
    if len(found) == 1:
        path = found[0]
        return path, names[len(_rust_module(path)) :]
    return _macro_place(target, names, files)


def _macro_place(
    target: str, names: tuple[str, ...], files: Mapping[str, bytes]
) -> tuple[str, tuple[str, ...]] | None:
    """
    A test made by a macro: the file (of an integration test) or module (in product code).
    """
    if target and not target.startswith("bin/"):
        whole = [
            path for path in files if path.endswith((f"tests/{target}.rs", f"{target}/main.rs"))
        ]
        return (min(whole, key=len), ()) if whole else None
    for path in sorted(files):
        if path.endswith(".rs") and "src/" in path:
            module = _rust_module(path)
            inside = names[len(module) :]
            if names[: len(module)] == module and len(inside) > 1:
                modules = test_bridge("rust").infile_modules(files[path])
                if not isinstance(modules, Refusal) and any(
                    inside[: len(names_)] == tuple(names_) for names_, _, _ in modules
                ):
                    return path, ("*", inside[0])
    return None


def _without(
    spec: SuiteSpec,
    path: str,
    data: bytes,
    names: set[tuple[str, ...]],
    infile: Mapping[tuple[str, str], bytes],
) -> bytes | Refusal | None:
    if () in names:
        return None
    whole = {name[1] for name in names if name[0] == "*"}
    single = {name for name in names if name[0] != "*" and name[0] not in whole}
    if single:
        cut = _cut(spec.language, data, frozenset(single))
        if isinstance(cut, Refusal):
            return _coarser(spec, path, data, single, infile)
        data = cut
    return _without_modules(spec, data, whole)


@lru_cache(maxsize=64)
def _cut(language: str, data: bytes, names: frozenset[tuple[str, ...]]) -> bytes | Refusal:
    """
    A file without some tests; kept, since a task is assembled for its proof and again to be placed.
    """
    left: bytes | Refusal = test_bridge(language).cut(data, names)
    return left


def _coarser(
    spec: SuiteSpec,
    path: str,
    data: bytes,
    names: set[tuple[str, ...]],
    infile: Mapping[tuple[str, str], bytes],
) -> bytes | Refusal | None:
    """
    The whole module (in product code) or file, where single tests cannot be cut.
    """
    if matches(path, spec.test_globs):
        return None
    modules = {name[0] for name in names if (path, name[0]) in infile}
    if not modules:
        return Refusal(f"{path}: its tests cannot be cut out")
    return _without_modules(spec, data, modules)


def _without_modules(spec: SuiteSpec, data: bytes, modules: set[str]) -> bytes | Refusal:
    left: bytes | Refusal = data
    for module in sorted(modules):
        left = test_bridge(spec.language).without_module(left, (module,))
        if isinstance(left, Refusal):
            break
    return left


def _infile_modules(
    spec: SuiteSpec, files: Mapping[str, bytes], tests: Mapping[str, bytes]
) -> dict[tuple[str, str], bytes]:
    """
    In-file test modules of product code, `(path, module)` → their text; doctests are kept as is.
    """
    if spec.language != "rust":
        return {}
    found: dict[tuple[str, str], bytes] = {}
    for path, data in files.items():
        if path.endswith(".rs") and path not in tests:
            modules = test_bridge("rust").infile_modules(data)
            for names, start, end in () if isinstance(modules, Refusal) else modules:
                found[path, "::".join(names)] = data[start:end]
    return found


def infile_path(path: str, module: str) -> str:
    """
    Where a pristine module stands under `hidden/infile/`.
    """
    return posixpath.join(path, module.replace("::", ".") + ".rs")
