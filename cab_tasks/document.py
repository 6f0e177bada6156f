"""
A YAML document of plain data with the place of every key and value; safe on hostile input.

Built from libyaml's events, not from its node tree: depth and size are bounded while reading,
and aliases are refused, so nothing can blow up.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.constructor import ConstructorError, SafeConstructor

MANIFEST_MAX_BYTES = 1 << 20  # task.yaml of a real task is 2 KB; more is an attack or a mistake
DEPTH_MAX = 16  # the schema needs 4
OFTEN_MAX = 64  # characters of a scalar whose meaning is remembered
NODES_MAX = 10_000  # a manifest of 1,000 expected changes has 7,000

Loc = tuple[str | int, ...]
Mark = tuple[int, int]

_NOT_YAML = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = "tag:yaml.org,2002:"
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_CONSTRUCT = SafeConstructor()


@dataclass(frozen=True, slots=True)
class Problem:
    """
    What is wrong with the document as YAML. `kind` is the rule that tells it.
    """

    kind: str
    message: str
    line: int = 1
    column: int = 1


@dataclass(slots=True)
class Document:
    """
    Plain data and places (line and column from 1). `broken`: `plain` is not what was written.
    """

    plain: Any = None
    values: dict[Loc, Mark] = field(default_factory=dict)
    keys: dict[Loc, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: bool = False

    def refuse(self, kind: str, message: str, mark: Mark = (1, 1)) -> None:
        self.problems.append(Problem(kind, message, *mark))
        self.broken = True

    def written(self, loc: Loc) -> Loc:
        """
        The path as it stands in the text: pydantic puts the tag of a union's member into it.
        """
        found: Loc = ()
        for part in loc:
            if (*found, part) in self.values:
                found = (*found, part)
        return found

    def at(self, loc: Loc) -> Mark:
        """
        The place of a value, of its key if that says more, else of what it is missing from.
        """
        while loc and loc not in self.values:
            loc = loc[:-1]
        return self.values.get(loc, (1, 1))


class _StopReading(Exception):  # noqa: N818 - control flow inside this module
    """
    The rest of the document is of no use.
    """


def read_document(data: bytes) -> Document:
    """
    Whatever the bytes are: a document, with its problems.
    """
    document = Document()
    text = _decoded(data, document)
    if text is None:
        return document
    reader = _EventReader(document)
    try:
        reader.read(CParser(text))
    except _StopReading:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = str(error.problem or error.context)
        if "nesting depth" in problem:  # newer ones of libyaml have a limit, far beyond ours
            document.refuse("shape", f"deeper than {DEPTH_MAX} levels", place)
        else:
            document.refuse("syntax", problem, place)
    except yaml.YAMLError as error:
        document.refuse("syntax", str(error).splitlines()[0])
    if not document.broken and not isinstance(document.plain, dict):
        document.refuse("shape", "expected keys and values, found " + _noun(document.plain))
    return document


def place_of(text: str, at: int) -> Mark:
    """
    Line and column, from 1, of a character offset.
    """
    start = text.rfind("\n", 0, at) + 1
    return text.count("\n", 0, at) + 1, at - start + 1


def _decoded(data: bytes, document: Document) -> str | None:
    if len(data) > MANIFEST_MAX_BYTES:
        document.refuse("unreadable", f"{len(data)} bytes; at most {MANIFEST_MAX_BYTES} are read")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        mark = place_of(before, len(before))
        document.refuse("unreadable", f"not UTF-8: byte 0x{data[error.start]:02x}", mark)
        return None
    if odd := _NOT_YAML.search(text):
        mark = place_of(text, odd.start())
        document.refuse("unreadable", f"character U+{ord(odd[0]):04X} is not allowed", mark)
        return None
    return text


class _EventReader:
    """
    Builds a document event by event, on a stack of open collections.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[tuple[Any, Loc]] = []
        self.key: str | None = None  # of the mapping on top, when its value is next
        self.nodes = 0
        self.documents = 0

    def read(self, parser: CParser) -> None:
        """
        All of the document, or as far as it makes sense.

        Raises:
            YAMLError: libyaml refuses it.
        """
        while True:
            event = parser.get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.StreamEndEvent:
                return
            else:
                self._structure(event, kind)

    def _structure(self, event: Any, kind: type) -> None:
        if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.stack.pop()
        elif kind is yaml.MappingStartEvent:
            self._open({}, event)
        elif kind is yaml.SequenceStartEvent:
            self._open([], event)
        elif kind is yaml.AliasEvent:
            self.document.refuse("alias", f"alias *{event.anchor}", _mark(event))
            raise _StopReading
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self.document.refuse("syntax", "a second document starts here", _mark(event))
                raise _StopReading

    def _open(self, container: Any, event: Any) -> None:
        self.nodes += 1
        if event.anchor is not None or self.nodes > NODES_MAX:
            self._refuse(event)
        if event.tag not in (None, "!", f"{_TAG}map", f"{_TAG}seq"):
            self.document.refuse("tag", f"tag {_short_tag(event.tag)}", _mark(event))
        if len(self.stack) == DEPTH_MAX:
            self.document.refuse("shape", f"deeper than {DEPTH_MAX} levels", _mark(event))
            raise _StopReading
        if self.stack and type(self.stack[-1][0]) is dict and self.key is None:
            self.document.refuse("shape", "a key must be plain text", _mark(event))
            raise _StopReading
        self.stack.append((container, self._place(container, _mark(event))))
        self.key = None

    def _scalar(self, event: Any) -> None:
        self.nodes += 1
        if event.anchor is not None or self.nodes > NODES_MAX:
            self._refuse(event)
        start = event.start_mark
        mark = start.line + 1, start.column + 1
        value, problem = _value_of(event)
        if self.key is None and self.stack and type(self.stack[-1][0]) is dict:
            self._take_key(event.value, value, problem, mark)
            return
        if problem is not None:
            self.document.refuse(*problem, mark)
        self._place(value, mark)
        self.key = None

    def _take_key(
        self, text: str, key: object, problem: tuple[str, str] | None, mark: Mark
    ) -> None:
        if problem is not None:
            self.document.refuse(*problem, mark)
        elif not isinstance(key, str):
            self.document.refuse("shape", f"key {text!r} is read as {_noun(key)}", mark)
        self.key = text
        mapping, loc = self.stack[-1]
        place = (*loc, self.key)
        if self.key in mapping:
            first = self.document.keys[place][0]
            message = f"key {self.key!r} stands on line {first} already"
            self.document.problems.append(Problem("duplicate", message, *mark))
            return
        self.document.keys[place] = mark

    def _place(self, value: Any, mark: Mark) -> Loc:
        if not self.stack:
            self.document.plain = value
            self.document.values[()] = mark
            return ()
        container, loc = self.stack[-1]
        if type(container) is dict:
            loc = (*loc, self.key or "")
            container[self.key] = value
        else:
            loc = (*loc, len(container))
            container.append(value)
        self.document.values[loc] = mark
        return loc

    def _refuse(self, event: Any) -> None:
        if event.anchor is not None:
            self.document.refuse("alias", f"anchor &{event.anchor}", _mark(event))
        else:
            self.document.refuse("shape", f"more than {NODES_MAX} values", _mark(event))
        raise _StopReading


def _mark(event: Any) -> Mark:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def _value_of(event: Any) -> tuple[Any, tuple[str, str] | None]:
    """
    The plain value of a scalar, and why it has none that is allowed here.
    """
    text, tag = event.value, event.tag
    if (tag is None and not event.implicit[0]) or tag == "!":
        return text, None
    return _read_often(text, tag) if len(text) <= OFTEN_MAX else _value(text, tag)


def _value(text: str, tag: str | None) -> tuple[Any, tuple[str, str] | None]:
    tag = tag or _resolved(text)
    if tag == f"{_TAG}str":
        return text, None
    construct = _SCALARS.get(tag)
    if construct is None:
        return text, ("tag", f"tag {_short_tag(tag)}")
    try:
        return construct(_CONSTRUCT, yaml.ScalarNode(tag, text)), None
    except (ValueError, KeyError, AttributeError, ConstructorError, OverflowError):
        return text, ("syntax", f"{text[:40]!r} is no {_short_tag(tag)}")


# Manifests share most of their words; what they mean is half of the time of reading one.
_read_often = lru_cache(maxsize=4096)(_value)


def _timestamp(construct: SafeConstructor, node: yaml.ScalarNode) -> object:
    # A plain date is all that a manifest holds; the general way takes a tenth of all its time.
    if len(node.value) == len("2026-01-31"):
        return datetime.date.fromisoformat(node.value)
    return construct.construct_yaml_timestamp(node)


_SCALARS = {
    f"{_TAG}null": SafeConstructor.construct_yaml_null,
    f"{_TAG}bool": SafeConstructor.construct_yaml_bool,
    f"{_TAG}int": SafeConstructor.construct_yaml_int,
    f"{_TAG}float": SafeConstructor.construct_yaml_float,
    f"{_TAG}timestamp": _timestamp,
}


def _resolved(text: str) -> str:
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return str(tag)
    return f"{_TAG}str"


def _short_tag(tag: str) -> str:
    return tag.replace(_TAG, "!!")


def _noun(value: object) -> str:
    nouns = {type(None): "nothing", bool: "a truth value", str: "text", list: "a list"}
    return nouns.get(type(value), f"a {type(value).__name__}")
