"""
Bytes of a Python file as text that libcst reads right, and the way back to the file's own bytes.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import tokenize
import warnings
from dataclasses import dataclass, field
from itertools import accumulate

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from mutators.base import Refusal

# CPython stops at 200; libcst, in a thread, still reads 800 and overflows its stack at 3000.
MAX_NESTING = 300
_LEXEME = re.compile(
    r"(?P<comment>#[^\n]*)"
    r"|(?P<text>(?P<prefix>(?:\b[A-Za-z]{1,2})?)(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\""
    r"|'(?:\\.|[^\\'\n])*'|\"(?:\\.|[^\\\"\n])*\"))"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    A file's text without its byte-order mark and leading form feeds, and where that stands.
    """

    data: bytes
    text: str
    encoding: str
    shift: int
    places: dict[int, int] = field(default_factory=dict, repr=False)  # only where not UTF-8

    def at(self, offset: int) -> int:
        """
        The byte of the file that a byte of the text in UTF-8 stands for.
        """
        return (self.places[offset] if self.places else offset) + self.shift


@dataclass(frozen=True, slots=True)
class Parsed:
    """
    A module with the span of each of its nodes, in bytes of the reading's text in UTF-8.
    """

    reading: Reading
    module: cst.Module
    spans: dict[cst.CSTNode, CodeSpan]


def read(data: bytes) -> Reading | Refusal:
    """
    The text of a file by its mark or coding cookie; UTF-8 or an encoding of one byte a character.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        return Refusal(f"unreadable text: {error}")
    shift = 3 if encoding == "utf-8-sig" else 0
    feeds = len(text) - len(text.lstrip("\f"))
    text = text[feeds:]
    if encoding in ("utf-8", "utf-8-sig"):
        return Reading(data, text, "utf-8", shift + feeds)
    if len(text) + feeds != len(data) or text.encode(encoding) != data[feeds:]:
        return Refusal(f"encoding {encoding} has characters of several bytes")
    starts = accumulate((len(char.encode()) for char in text), initial=0)
    return Reading(data, text, encoding, feeds, {start: at for at, start in enumerate(starts)})


def parse_text(reading: Reading) -> Parsed | Refusal:
    """
    The module and its spans; a refusal where libcst cannot read it or would print it otherwise.
    """
    module = _module(reading.text)
    if isinstance(module, Refusal):
        return module
    try:
        if module.code != reading.text:
            return Refusal("libcst prints it otherwise than it stands")
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        spans = dict(wrapper.resolve(ByteSpanPositionProvider))
    except RecursionError:
        return Refusal("nested too deeply")
    return Parsed(reading, module, spans)


def syntax_refusal(data: bytes) -> Refusal | None:
    """
    Why a file is no Python, None if it is; much cheaper than its spans.

    libcst is asked about what this Python does not know, which may be of a later one.
    """
    reading = read(data)
    if isinstance(reading, Refusal):
        return reading
    with contextlib.suppress(RecursionError, MemoryError):
        if _is_python(reading.text):
            return None
    module = _module(reading.text)
    return module if isinstance(module, Refusal) else None


def _module(text: str) -> cst.Module | Refusal:
    if too_deep := _too_deep(text):
        return Refusal(too_deep)
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        return Refusal(f"syntax error: line {error.raw_line}")
    except RecursionError:
        return Refusal("nested too deeply")
    except BaseException as error:
        # libcst's Rust core panics outside of Exception, by a class that cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        return Refusal(f"libcst panicked: {error}")


def _too_deep(text: str) -> str:
    """
    Why libcst would overflow the stack on this text, or nothing.

    CPython's own parser has guards and comes first; a syntax that it does not know is no reason.
    """
    try:
        _is_python(text)
    except (RecursionError, MemoryError):
        return "nested too deeply"
    return "nested too deeply" if _nesting(text) > MAX_NESTING else ""


def _is_python(text: str) -> bool:
    """
    To the parser of this Python.

    Raises:
        RecursionError: it is nested too deeply, as may a MemoryError say.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _nesting(text: str) -> int:
    """
    The deepest nesting of brackets outside of comments and strings, inside of f-strings too.
    """
    depth = deepest = 0
    for lexeme in _LEXEME.finditer(text):
        if lexeme["open"]:
            depth += 1
        elif lexeme["close"]:
            depth -= 1
        elif lexeme["text"] and "f" in lexeme["prefix"].lower():
            inside = accumulate((char in "([{") - (char in ")]}") for char in lexeme["text"])
            deepest = max(deepest, depth + max(inside))
        deepest = max(deepest, depth)
    return deepest
