"""
Blind tests made and proven: which failing tests can tell what they got, without what is right.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cab_tasks.blind import is_equal, values_of
from cab_tasks.judge import run_blind
from cab_tasks.twin_places import affixes, row_tests
from cab_tasks.twin_records import Blind, BlindFile, BlindTest
from cab_tasks.twins import pristine_text, record_of
from mutators.base import Refusal
from mutators.registry import blind_bridge
from mutators.twins import DATACLASS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cab_tasks.bundle import Bundle
    from cab_tasks.judge import Setting
    from cab_tasks.twin_places import Place
    from mutators.twins import Blinded

LANGUAGES = ("python",)
_MOST = 50  # tests


def find_blind(
    bundle: Bundle,
    repaired: Path,
    setting: Setting,
    places: Sequence[Place],
    *,
    is_quick: bool,
) -> tuple[Blind | None, bool]:
    """
    The blind tests of a bundle that tell what is right in its repaired tree; None where a test that
    fails would still say what it expects, or none can tell. And whether some test told nothing.
    """
    known = {test for place in places for test in place.tests}
    is_fit = bundle.manifest.language in LANGUAGES and not any(one.module for one in places)
    if not is_fit or known != set(bundle.tests.fail_to_pass):
        return None, False
    found = _of_files(bundle, places)
    if found is None or not found.tests:
        return None, False
    values = values_of(run_blind(bundle, found, repaired, setting, is_quick=is_quick))
    learned = [_learned(test, values.get(test.run_as, "")) for test in found.tests]
    kept = tuple(test for test in learned if is_equal(values.get(test.run_as, ""), test.value))
    is_silent = any(not values.get(test.run_as) for test in found.tests)
    return found.model_copy(update={"tests": kept}) if kept else None, is_silent


def _learned(test: BlindTest, value: str) -> BlindTest:
    """
    With its value: of a data class made of literals, that is known here first.
    """
    name = test.value.removeprefix(UNKNOWN)
    if name == test.value or not value.startswith(f"({DATACLASS!r}, {name!r}, "):
        return test
    return test.model_copy(update={"value": value})


def _of_files(bundle: Bundle, places: Sequence[Place]) -> Blind | None:
    bridge = blind_bridge(bundle.manifest.language)
    by_path: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_path[place.path].append(place)
    files, tests = [], []
    for path, own in sorted(by_path.items()):
        functions = [(place.names, place.failures) for place in own]
        made = bridge.blinded(pristine_text(bundle, path, ""), functions)
        if isinstance(made, Refusal):
            return None
        edits = sorted(made.edits, key=lambda edit: edit.start)
        files.append(BlindFile(path=path, edits=tuple(map(record_of, edits))))
        tests += [test for place in own for test in _tests(made, place)]
    if not tests:
        return None
    return Blind(files=tuple(files), tests=tuple(tests[:_MOST]))


def _tests(made: Blinded, place: Place) -> Iterator[BlindTest]:
    function = made.functions.get(place.names)
    if function is None:
        return
    for row, value in function.values.items():
        if row is None:
            for test in place.tests:
                yield BlindTest(test=test, run_as=test, value=value)
            continue
        tests = row_tests(function.rows, place, row)
        if len(tests) == 1:
            before = affixes(tests[0], place.names[-1])[0]
            run_as = f"{before}{place.names[-1]}[{function.row_ids[row]}]"
            yield BlindTest(test=tests[0], run_as=run_as, value=value)
