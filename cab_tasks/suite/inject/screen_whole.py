"""
Whole runs in forks: of a process that has loaded nothing, or of one that stands before collecting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .screen_guard import Guard
from .screen_state import digest_of_imports
from .screen_wire import NOTHING_ASKED, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .channel import Channel
    from .screen_disk import Watch
    from .screen_map import TestMap
    from .screen_round import Round

    # Collects and runs these tests in this process, telling the wire; an exit code.
    Run = Callable[[Sequence[str], Wire], object]


_USAGE_CODE = 4  # pytest's
_USAGE = "exit code 4: a conftest.py cannot be loaded"


class Whole:
    """
    Runs of the whole suite, each in a fork that imports the tree anew.
    """

    def __init__(self, root: str, tests: TestMap, watch: Watch, round_: Round, run: Run) -> None:
        self._root = root
        self._tests = tests
        self._watch = watch
        self._round = round_
        self._run = run
        self._state: str | None = None  # what imports leave behind; None until it is needed

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """
        What the tests say of the tree as it is, or, to `learn`, what runs have changed on disk.
        """
        if request["kind"] == "learn":
            return {"changed": self._learn()}
        wanted = set(request["reaching"])
        if wanted and self._state is None:
            return {"knows": False}

        def narrow(tests: list[str]) -> set[str] | None:
            return wanted if digest_of_imports(self._root, tests) == self._state else None

        def body(left: Sequence[str], channel: Channel) -> None:
            wire = Wire(channel, Guard(), None, self._tests, request)
            if wanted and self._state:
                wire.narrow = narrow
            self._be_run(left, wire)

        found = self._round.run(body, request["tests"], first_flip=request["first_flip"])
        return {"knows": True, "told": found.told(), "changed": [found.changed]}

    def _be_run(self, tests: Sequence[str], wire: Wire) -> None:
        self._watch.begin()
        wire.guard.arm()
        code = self._run(tests, wire)
        if not wire.has_collected:
            why = _USAGE if code == _USAGE_CODE else f"exit code {code}"
            wire.send("collection_error", id="", text=why)
        wire.note(self._watch)

    def _learn(self) -> list[dict[str, bool]]:
        """
        What imports of the right tree leave behind; empty if that is not twice the same.
        """

        def body(left: Sequence[str], channel: Channel) -> None:
            wire = Wire(channel, Guard(), None, self._tests, NOTHING_ASKED)

            def tell(tests: list[str]) -> set[str]:
                channel.send("state", digest=digest_of_imports(self._root, tests))
                return set()

            wire.narrow = tell
            self._be_run(left, wire)

        found = [self._round.run(body, self._tests.tests) for _ in range(2)]
        states = {one.state for one in found}
        self._state = states.pop() if len(states) == 1 else ""
        return [one.changed for one in found]
