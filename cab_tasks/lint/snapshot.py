"""
One bundle as the rules see it: read once, parsed at most once, whatever is wrong with it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cab_tasks import bundle as format_
from cab_tasks.document import Document, Loc, place_of, read_document
from cab_tasks.errors import BundleError
from cab_tasks.lint.entries import Entry, read_entries
from cab_tasks.lint.finding import Place
from cab_tasks.lint.looks import holds_tests, looks_like_test
from cab_tasks.manifest import Manifest
from cab_tasks.patch import apply_patch, fixed_lines, hunk_lines, patched_paths
from cab_tasks.prompt import test_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What the seed's authors wrote; the rest is the task's own.
SEED_FILES = (
    "workdir/", "hidden/tests/", "hidden/infile/", "hidden/twins/", "hidden/fix.patch",
    "environment/site/",
)  # fmt: skip
_DIGEST_LINE = re.compile(r"([0-9a-f]{64})  (100644|100755|120000)  (.+)")
LISTS = ("fail_to_pass", "pass_to_pass", "absent_to_pass", "skip_to_pass")


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """
    One disagreement of manifest and schema, as pydantic tells it.
    """

    kind: str
    loc: Loc
    message: str


@dataclass(frozen=True, slots=True)
class Json:
    """
    A JSON file: its plain data, or why there is none (`problem`, at `place`).
    """

    plain: Any
    problem: str
    place: Place


@dataclass(frozen=True, slots=True)
class Patch:
    """
    The reference fix, taken apart; `problem` where it is no unified diff.

    `lines` are (first, last) in workdir of each changed run; `added` the lines that it adds;
    `misfit` says where it does not apply.
    """

    paths: tuple[str, ...] = ()
    lines: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    problem: str = ""
    misfit: str = ""


@dataclass(frozen=True)
class Snapshot:
    """
    A bundle's files, and what they say. `name` and `parent` are its folder's and the one above's.

    `latest` is the last date that a task may carry (ISO), "" for any.
    """

    name: str
    parent: str
    entries: Mapping[str, Entry]
    latest: str = ""

    def data(self, path: str) -> bytes | None:
        """
        The bytes of a regular file; None where there is none, or it is too large.
        """
        entry = self.entries.get(path)
        return entry.data if entry is not None and entry.is_file else None

    def text(self, path: str) -> str | None:
        data = self.data(path)
        if data is None:
            return None
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def below(self, folder: str) -> dict[str, Entry]:
        prefix = folder + "/"
        cut = len(prefix)
        return {p[cut:]: entry for p, entry in self.entries.items() if p.startswith(prefix)}

    @cached_property
    def workdir(self) -> dict[str, Entry]:
        return self.below(format_.WORKDIR)

    @cached_property
    def hidden_tests(self) -> dict[str, Entry]:
        return self.below(format_.HIDDEN_TESTS)

    @cached_property
    def listing(self) -> str:
        """
        All paths in one text, each as NUL, `/`, path: one search instead of one a file.
        """
        return "\0/" + "\0/".join(self.entries) + "\0"

    @cached_property
    def test_like(self) -> frozenset[str]:
        """
        The files of workdir that look like tests, by name or by what is in them.
        """
        return frozenset(
            path
            for path, entry in self.workdir.items()
            if looks_like_test(path) or holds_tests(path, entry.digest, entry.data)
        )

    @cached_property
    def told(self) -> dict[str, bytes]:
        """
        Path → bytes of the files that the author of the task wrote, not those of the seed.
        """
        return {
            path: entry.data
            for path, entry in self.entries.items()
            if entry.data and not path.startswith(SEED_FILES)
        }

    @cached_property
    def digest_lines(self) -> tuple[tuple[str, str, str], ...]:
        """
        Digest, mode and path of each line of `digests.txt`; empty where it has another form.
        """
        text = (self.data(format_.DIGESTS) or b"").decode("utf-8", "surrogateescape")
        return tuple(map(_digest_parts, text.removesuffix("\n").split("\n") if text else ()))

    @cached_property
    def has_right_digests(self) -> bool:
        """
        Whether `digests.txt` is, byte for byte, what belongs to the files.
        """
        return self.data(format_.DIGESTS) == self.digests()

    def digests(self) -> bytes:
        """
        `digests.txt` of the files as they are.
        """
        lines = [
            f"{entry.digest}  {entry.mode}  {path}\n"
            for path, entry in self.entries.items()
            if path != format_.DIGESTS
        ]
        return os.fsencode("".join(lines))

    @cached_property
    def document(self) -> Document:
        data = self.data(format_.MANIFEST)
        if data is not None:
            return read_document(data)
        entry = self.entries.get(format_.MANIFEST)
        size = f"{entry.size} bytes" if entry is not None and entry.is_file else "not a plain file"
        document = Document()
        document.refuse("unreadable", size)
        return document

    @cached_property
    def _validated(self) -> tuple[Manifest | None, tuple[SchemaProblem, ...]]:
        if self.document.broken:
            return None, ()
        try:
            return Manifest.model_validate(self.document.plain), ()
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            return None, tuple(SchemaProblem(e["type"], e["loc"], e["msg"]) for e in found)

    @cached_property
    def manifest(self) -> Manifest | None:
        return self._validated[0]

    @property
    def schema_problems(self) -> tuple[SchemaProblem, ...]:
        return self._validated[1]

    @property
    def ignored(self) -> frozenset[str]:
        """
        The codes under `lint.ignore`, whatever else the manifest holds.
        """
        plain = self.document.plain
        settings = plain.get("lint") if isinstance(plain, dict) else None
        codes = settings.get("ignore") if isinstance(settings, dict) else None
        return frozenset(filter(_is_text, codes)) if isinstance(codes, list) else frozenset()

    def value(self, *loc: str | int) -> Place:
        return Place(format_.MANIFEST, *self.document.at(loc))

    def key(self, *loc: str | int) -> Place:
        mark = self.document.keys.get(loc)
        return Place(format_.MANIFEST, *mark) if mark else self.value(*loc)

    def schema_value(self, loc: Loc) -> Place:
        """
        The place that pydantic means: it puts the tag of a union's member into the path.
        """
        return self.value(*self.document.written(loc))

    def schema_key(self, loc: Loc) -> Place:
        return self.key(*self.document.written(loc[:-1]), loc[-1])

    @cached_property
    def tests_json(self) -> Json:
        return self._json(format_.TESTS)

    @cached_property
    def evidence_json(self) -> Json:
        return self._json(format_.EVIDENCE)

    @cached_property
    def lists(self) -> dict[str, list[str]]:
        """
        The lists of `tests.json` as they stand there; none at all if one is not as it must be.
        """
        plain = self.tests_json.plain
        if not isinstance(plain, dict) or not all(map(is_names, plain.values())):
            return {}
        return plain if plain.keys() <= set(LISTS) else {}

    @cached_property
    def suite(self) -> frozenset[str]:
        """
        All tests of all lists.
        """
        return frozenset().union(*self.lists.values())

    @cached_property
    def failing_names(self) -> tuple[str, ...]:
        """
        The bare names of the tests that do not pass in workdir.
        """
        return test_names(self.failing)

    @cached_property
    def failing(self) -> frozenset[str]:
        """
        Tests that do not pass in workdir.
        """
        broken = (names for kind, names in self.lists.items() if kind != "pass_to_pass")
        return frozenset(test for names in broken for test in names)

    @cached_property
    def patch(self) -> Patch | None:
        """
        The reference fix; None where there is none, or only an empty file.
        """
        data = self.data(format_.FIX)
        if not data or not data.strip():
            return None
        try:
            paths, lines, added = patched_paths(data), hunk_lines(data), fixed_lines(data)
            if not paths:
                return Patch(problem="no file header")
        except BundleError as error:
            return Patch(problem=str(error))
        misfit = ""
        try:
            apply_patch(data, lambda path: self.data(f"{format_.WORKDIR}/{path}"))
        except BundleError as error:
            misfit = str(error)
        flat = tuple(line for path in added for line in added[path])
        return Patch(paths, lines, flat, misfit=misfit)

    def test_place(self, test: str, nth: int = 1) -> Place:
        """
        Where a test id stands in `tests.json`, the nth time.
        """
        text = self.text(format_.TESTS) or ""
        for form in (json.dumps(test, ensure_ascii=False), json.dumps(test)):
            at = -1
            for _ in range(nth):
                at = text.find(form, at + 1)
            if at >= 0:
                return Place(format_.TESTS, *place_of(text, at))
        return Place(format_.TESTS)

    def find(self, path: str, wanted: str | re.Pattern[str]) -> Place:
        """
        Where a text first stands in a file; the file's start if it does not.
        """
        text = self.text(path) or ""
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted
        found = pattern.search(text)
        return Place(path, *place_of(text, found.start())) if found else Place(path)

    def _json(self, path: str) -> Json:
        data = self.data(path)
        if data is None:
            return Json(None, "missing, not a plain file, or too large", Place(path))
        try:
            text = data.decode("utf-8")
            return Json(json.loads(text, object_pairs_hook=_unique), "", Place(path))
        except json.JSONDecodeError as error:
            return Json(None, error.msg, Place(path, error.lineno, error.colno))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            return Json(None, "not UTF-8", Place(path, line))
        except (RecursionError, ValueError) as error:
            return Json(None, str(error).splitlines()[0], Place(path))


def _is_text(plain: object) -> bool:
    return isinstance(plain, str)


def is_names(plain: object) -> bool:
    return isinstance(plain, list) and set(map(type, plain)) <= {str} and "" not in plain


def _digest_parts(line: str) -> tuple[str, str, str]:
    found = _DIGEST_LINE.fullmatch(line)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def take_snapshot(root: Path, latest: str = "") -> Snapshot:
    """
    A bundle's folder, read whole.
    """
    place = os.path.abspath(root)  # noqa: PTH100 - Path.absolute keeps `..`, resolve follows links
    parent, name = os.path.split(place)
    return Snapshot(name, os.path.basename(parent), read_entries(place), latest)  # noqa: PTH119
