"""
Which mutants a compiler's error is about, and what that means for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cab_tasks.sandbox import TREE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mutators.rust._switch import Variant, Woven

# A name, a method or an operator that is not there is not there in a plain build either.
_CERTAIN = frozenset((
    "E0023", "E0026", "E0027", "E0040", "E0061", "E0107", "E0369", "E0405", "E0408", "E0412",
    "E0423", "E0424", "E0425", "E0432", "E0433", "E0559", "E0560", "E0599", "E0600", "E0604",
    "E0605", "E0606", "E0607", "E0608", "E0609", "E0610", "E0614", "E0618",
))  # fmt: skip
# What an `if` brings in that the edited source has not: two types to be one, values for places.
_OF_THE_IF = (
    "`if` and `else` have incompatible types", "temporary value dropped", "does not live long",
    "cannot be known at compilation time", "cannot move out", "expected opaque type",
    "type annotations needed",
)  # fmt: skip
# Lints that stop a plain build. Told as warnings here, where lints are capped.
_DENIED = frozenset((
    "arithmetic_overflow", "unconditional_panic", "overflowing_literals", "invalid_value",
    "enum_intrinsics_non_enums", "invalid_from_utf8_unchecked", "let_underscore_lock",
    "mutable_transmutes", "undropped_manually_drops", "useless_deprecated", "never_type_fallback",
))  # fmt: skip
# Of two types that a switch chooses between; the error in one of them is told by itself, too.
_ECHO = "CabEither<"
_DETAIL_MAX = 500


@dataclass(slots=True)
class Blame:
    """
    `failed` mutants do not compile, with the error; `raised` ones go to their next level; files
    that cannot be woven at all stay plain.
    """

    failed: dict[int, str] = field(default_factory=dict)
    raised: set[int] = field(default_factory=set)
    plain: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.failed or self.raised or self.plain)


def blamed(
    diagnostics: Iterable[dict[str, Any]],
    woven: Mapping[str, Woven],
    root: str = TREE,
) -> Blame:
    """
    All errors of one build, laid on mutants. `root` is where the tree was.
    """
    blame = Blame()
    echoes = []
    for diagnostic in diagnostics:
        if _ECHO in _text(diagnostic):
            echoes.append(diagnostic)
        else:
            _lay_all(blame, diagnostic, woven, root)
    for diagnostic in () if blame else echoes:
        _lay_all(blame, diagnostic, woven, root)
    for id_ in blame.failed:
        blame.raised.discard(id_)
    return blame


def _lay_all(
    blame: Blame, diagnostic: dict[str, Any], woven: Mapping[str, Woven], root: str
) -> None:
    code = (diagnostic.get("code") or {}).get("code", "")
    is_error = str(diagnostic.get("level", "")).startswith("error")
    if is_error or code in _DENIED:
        for place in _places(diagnostic, woven, root, is_primary=True):
            _lay(blame, diagnostic, place, woven, root, is_error=is_error)


def _lay(
    blame: Blame,
    diagnostic: dict[str, Any],
    place: _Place,
    woven: Mapping[str, Woven],
    root: str,
    *,
    is_error: bool,
) -> None:
    text = _text(diagnostic)
    file = woven[place.path]
    own = _ids(file.copies, place)
    if own and (not is_error or _is_certain(diagnostic, text, own[0] in file.whole)):
        blame.failed.update(dict.fromkeys(own, text[:_DETAIL_MAX]))
        return
    if not is_error:
        return
    if "__cab" in str(diagnostic.get("message", "")):
        blame.plain.add(place.path)  # the file is part of a crate that has no runtime
        return
    aside = [
        id_
        for other in _places(diagnostic, woven, root, is_primary=False)
        for id_ in _ids(woven[other.path].copies, other)
    ]
    ids = own or aside or _ids(file.holders, place) or _ids(file.functions, place)
    if ids:
        blame.raised.update(ids)
    else:
        blame.plain.add(place.path)


def _text(diagnostic: dict[str, Any]) -> str:
    return str(diagnostic.get("rendered") or diagnostic.get("message", ""))


def _is_certain(diagnostic: dict[str, Any], text: str, is_whole: bool) -> bool:
    """
    Whether the mutant itself is wrong, and not its standing in an `if`.
    """
    if any(words in text for words in _OF_THE_IF):
        return False
    code = (diagnostic.get("code") or {}).get("code", "")
    return is_whole or code in _CERTAIN


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    start: int
    end: int


def _places(
    diagnostic: dict[str, Any], woven: Mapping[str, Woven], root: str, *, is_primary: bool
) -> Iterator[_Place]:
    """
    Spans in woven files: primary ones, or those of labels and notes.
    """
    spans = [span for span in diagnostic["spans"] if span["is_primary"] is is_primary]
    if not is_primary:
        spans += [span for child in diagnostic["children"] for span in child["spans"]]
    for span in spans:
        yield from _unfolded(span, woven, root)


def _unfolded(
    span: dict[str, Any] | None, woven: Mapping[str, Woven], root: str
) -> Iterator[_Place]:
    """
    The span, or where the macro was called that it came out of.
    """
    while span is not None:
        path = str(span["file_name"]).removeprefix(f"{root}/").removeprefix("./")
        if path in woven:
            yield _Place(path, span["byte_start"], span["byte_end"])
            return
        span = (span.get("expansion") or {}).get("span")


def _ids(variants: Sequence[Variant], place: _Place) -> tuple[int, ...]:
    """
    Of the smallest variant around a place.
    """
    around = [one for one in variants if one.start <= place.start and place.end <= one.end]
    return min(around, key=lambda one: one.end - one.start).ids if around else ()
