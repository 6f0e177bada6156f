"""
Mutants that cannot be switched: built one by one, in a worker's own warm folder.

They burn fuel like the others, and are run in the same way.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cab_tasks import workspace
from cab_tasks.errors import SandboxError
from cab_tasks.screen.rust.doctests import compiled_doctests
from cab_tasks.screen.rust.layout import with_runtime
from cab_tasks.screen.rust.session import DriverSession
from cab_tasks.suite.build_folder import copy_warm
from cab_tasks.suite.cargo_build import build
from mutators.base import Refusal, apply_edits
from mutators.rust._switch import runtime, weave

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cab_tasks.model import Mutant
    from cab_tasks.screen.rust.layout import Layout
    from cab_tasks.screen.rust.record import TestFacts
    from cab_tasks.suite.cargo_build import Built, Program
    from cab_tasks.suite.request import Request

_FIRST_BUILD_S = 1800.0
_BUILD_S = 60.0  # at least: a const fn may never come to an end in the compiler
_BUILD_TIMES = 20.0


class Alone:
    """
    One worker's build folder, and a session with the programs of its last build.
    """

    def __init__(
        self,
        request: Request,
        layout: Layout,
        plain: frozenset[str],
        shared: Path,
        folder: Path,
    ) -> None:
        """
        `shared` is the woven build's folder: what the seed depends on is built there already.
        Beside it, `folder` gets one folder for each process that needs one.
        """
        own = folder / str(workspace.take_number(folder))
        self._request = request
        self._target = own / "target"
        self._doctests = own / "doctests"
        self._timeout_s = _FIRST_BUILD_S
        self._session: DriverSession | None = None
        self._layout, self._plain = layout, plain
        self._is_proven = False  # that our own code in the sources is no reason to fail
        workspace.remove_partial(own)
        if not self._target.is_dir():
            copy_warm(shared, self._target)

    def built(self, mutant: Mutant) -> Built:
        """
        What came of a mutant's build. Lints are not capped here, as they stop a plain build too.

        Raises:
            SandboxError: the sources do not build, whatever the mutant is.
        """
        built = self._build(self._edited(mutant), self._timeout_s)
        if built.end is not None and not self._is_proven:
            self._find_layout()
            built = self._build(self._edited(mutant), self._timeout_s)
        if built.end is None and not self._is_proven:
            self._prove(built)
        return built

    def tests(
        self,
        mutant: Mutant,
        programs: Sequence[Program],
        wanted: Sequence[TestFacts],
        binaries: Sequence[str],
    ) -> list[TestFacts] | Refusal:
        """
        The wanted tests by their place in `programs` of the last build; `binaries` are those that
        they have come from. Doc tests are compiled anew.
        """
        numbers = {one.binary: at for at, one in enumerate(programs)}
        moved = [
            replace(one, program=numbers[binaries[one.program]])
            for one in wanted
            if binaries[one.program] in numbers
        ]
        for number in {one.program for one in moved if one.path}:
            with self._tree(self._edited(mutant)) as tree:
                request = replace(self._request, tree=tree)
                docs = compiled_doctests(request, programs[number], self._target, self._doctests)
            if isinstance(docs, Refusal):
                return docs
            if any(one.program == number and one.name not in docs.paths for one in moved):
                return Refusal("doc tests do not compile")
            moved = [
                replace(one, path=docs.paths[one.name]) if one.program == number else one
                for one in moved
            ]
        return moved

    def session(self, programs: Sequence[Program], tests: Sequence[TestFacts]) -> DriverSession:
        """
        A session with these programs; `tests` must name them by their place in `programs`.
        """
        if self._session is None:
            self._session = DriverSession(self._request, self._target, self._doctests)
        self._session.tell_programs(programs, tests)
        return self._session

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _find_layout(self) -> None:
        """
        Where what we weave in sets off lints, no file is to burn fuel.
        """
        for layout in (self._layout, replace(self._layout, roots=(), paths=())):
            self._layout = layout
            built = self._build({}, _FIRST_BUILD_S)
            if built.end is None:
                self._prove(built)
                return
        raise SandboxError(f"the sources do not build: {built.detail}")

    def _prove(self, built: Built) -> None:
        self._is_proven = True
        self._timeout_s = max(_BUILD_S, _BUILD_TIMES * built.duration_s)

    def _build(self, edited: dict[str, bytes], timeout_s: float) -> Built:
        originals = {**self._layout.originals, **edited}
        paths = [path for path in self._layout.paths if path not in self._plain]
        woven = {path: weave(originals[path], ()) for path in paths}
        here = replace(self._layout, originals=originals)
        files = {**edited, **with_runtime(here, woven, runtime(1, allows_lints=True))}
        with self._tree(files) as tree:
            return build(replace(self._request, tree=tree), self._target, timeout_s)

    def _edited(self, mutant: Mutant) -> dict[str, bytes]:
        data = workspace.read(self._request.tree, mutant.path)[1]
        return {mutant.path: apply_edits(data, mutant.edits)}

    @contextmanager
    def _tree(self, files: dict[str, bytes]) -> Iterator[Path]:
        """
        A copy of the seed's tree with some files as given.
        """
        with workspace.scratch() as folder:
            tree = folder / "tree"
            workspace.copy_tree(self._request.tree, tree)
            for path, data in files.items():
                (tree / path).write_bytes(data)
            yield tree
