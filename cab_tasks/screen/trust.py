"""
Whether the fast engine is to be trusted with a seed: right code passes, and a canary dies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cab_tasks.errors import SeedEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cab_tasks.screen.contract import Setting

_SAMPLE_S = 2.0  # of tests' own time, for the run without a bug
_CANARIES = 20  # places tried; tests may swallow the error of some


def check_trust(setting: Setting, ask: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """
    Run a sample of the tests without a bug, then a function that raises as it is entered.

    Raises:
        SeedEnvironmentError: a green test does not pass, or no test notices any canary.
    """
    places = list(_places(setting))
    if not places:
        raise SeedEnvironmentError("no test reaches a line outside of imports")
    path = places[0][0]
    answer = ask(_request("screen", path, only=_sample(setting), edits=[]))
    if answer["lane"] == "plain":
        return
    if bad := answer.get("results"):
        raise SeedEnvironmentError(
            f"{bad[0]['id']}: {bad[0]['outcome']} in the fast engine without any bug"
        )
    for path, line in places[:: max(1, len(places) // _CANARIES)]:
        answer = ask(_request("canary", path, line=line, first_flip=True))
        if any(result["outcome"] in ("failed", "error") for result in answer.get("results", ())):
            return
    raise SeedEnvironmentError("no test notices functions that raise; is another copy imported?")


def _places(setting: Setting) -> Iterator[tuple[str, int]]:
    """
    Lines that tests reach and imports do not, those of fewest tests first.
    """
    found = [
        (len(tests), path, line)
        for (path, line), tests in setting.reach.tests.items()
        if line not in setting.reach.imported.get(path, ())
    ]
    return ((path, line) for _, path, line in sorted(found))


def _sample(setting: Setting) -> tuple[str, ...]:
    """
    The fastest tests, as many as fit.
    """
    left = _SAMPLE_S
    chosen: list[str] = []
    for test in sorted(setting.green, key=lambda test: setting.durations_s.get(test, 0.0)):
        left -= setting.durations_s.get(test, 0.0)
        if chosen and left < 0:
            break
        chosen.append(test)
    return tuple(chosen)


def _request(
    kind: str, path: str, *, only: tuple[str, ...] = (), **more: object
) -> dict[str, object]:
    return {
        "kind": kind,
        "path": path,
        "only": only,
        "first_flip": False,
        "describe": False,
        **more,
    }
