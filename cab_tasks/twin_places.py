"""
Where a task's failing tests are written, and which of them are rows of one function's table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cab_tasks import bundle as format_
from cab_tasks import workspace
from cab_tasks.hiding import test_functions
from cab_tasks.judge import suite_spec
from mutators.base import Refusal
from mutators.registry import test_bridge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from cab_tasks.bundle import Bundle
    from cab_tasks.manifest import InfileModule
    from cab_tasks.model import Failure


@dataclass(frozen=True, slots=True)
class Place:
    """
    One test function: its file, in-file module (or ""), names in there, tests that fail, and where
    and how they do.
    """

    path: str
    module: str
    names: tuple[str, ...]
    tests: tuple[str, ...]
    failures: tuple[tuple[int, str], ...]


def places_of(bundle: Bundle, failures: Mapping[str, Failure]) -> Iterator[Place]:
    """
    Of the failing tests that are found where they are written.
    """
    spec = suite_spec(bundle.manifest)
    infile = bundle.manifest.tests.infile
    files = dict(_hidden_files(bundle))
    for (path, names), tests in test_functions(spec, files, bundle.tests.fail_to_pass).items():
        module = _module(infile, path, names)
        known = [failures[test] for test in tests if test in failures]
        places = sorted({(one.line if one.path == path else 0, _said(one)) for one in known})
        if module is None:
            yield Place(path, "", names, tuple(tests), tuple(places))
            continue
        depth = len(module.module.split("::")) - 1
        bridge = test_bridge(bundle.manifest.language)
        shift = _first_line(bridge, files[path], names)
        shift -= _first_line(bridge, bundle.pristine(module), names[depth:])
        moved = tuple((line - shift, said) for line, said in places)
        yield Place(path, module.module, names[depth:], tuple(tests), moved)


def _said(failure: Failure) -> str:
    """
    What an assertion said of the value that it got; nothing where the code under test gave up.
    """
    is_assertion = failure.kind == "AssertionError" or failure.message.startswith("assertion ")
    return failure.message if is_assertion else ""


def _hidden_files(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    """
    Hidden test files, and sources as they are when their hidden modules are put back.
    """
    hidden = bundle.root / format_.HIDDEN_TESTS
    for path in workspace.paths(hidden) if hidden.is_dir() else ():
        yield path, bundle.read(f"{format_.HIDDEN_TESTS}/{path}")
    spliced: dict[str, bytes] = {}
    for module in bundle.manifest.tests.infile:
        data = spliced.get(module.path) or bundle.read(f"{format_.WORKDIR}/{module.path}")
        bridge = test_bridge(bundle.manifest.language)
        whole = bridge.splice(data, tuple(module.module.split("::")), bundle.pristine(module))
        spliced[module.path] = data if isinstance(whole, Refusal) else whole
    yield from spliced.items()


def _module(
    infile: Iterable[InfileModule], path: str, names: tuple[str, ...]
) -> InfileModule | None:
    for module in infile:
        parts = tuple(module.module.split("::"))
        if module.path == path and names[: len(parts)] == parts:
            return module
    return None


def _first_line(bridge: ModuleType, data: bytes, names: tuple[str, ...]) -> int:
    items = bridge.test_items(data)
    found = [] if isinstance(items, Refusal) else [item for item in items if item.names == names]
    return data.count(b"\n", 0, found[0].start) if found else 0


def row_tests(rows: Sequence[str], place: Place, row: int) -> list[str]:
    """
    The tests that a row is, by patterns of the rows' ids.
    """
    name = place.names[-1]
    return [test for test in place.tests if _is_row(rows, row, affixes(test, name)[1])]


def _is_row(rows: Sequence[str], row: int, suffix: str) -> bool:
    """
    Whether an id is that row's and no other's; a row that is known to have it goes first.
    """
    matching = [at for at, pattern in enumerate(rows) if re.fullmatch(rf"\[{pattern}\]", suffix)]
    known = [at for at in matching if "(?:" not in rows[at]]
    return (known or matching) == [row]


def affixes(test: str, name: str) -> tuple[str, str]:
    """
    What stands in an id before and after the name of its function.
    """
    head = test.partition("[")[0]
    return head[: -len(name)], test[len(head) :]
