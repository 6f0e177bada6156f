"""
`mutators.python.source`: reading any bytes, spans in the file's own bytes, edits without a scar.
"""

from __future__ import annotations

import ast

import libcst as cst
import pytest

from mutators.base import Edit, Refusal, apply_edits
from mutators.python.source import PythonSource, parse
from mutators.registry import built_in

DEEP = 3000  # far beyond what libcst's own stack holds


def source_of(data: bytes) -> PythonSource:
    source = parse(data, "example.py")
    assert isinstance(source, PythonSource), source
    return source


def names_off_limits(text: str) -> set[str]:
    source = source_of(text.encode())
    seen = {name.value for name in source.find(cst.Name)}
    return {name.value for name in source.all(cst.Name)} - seen


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"def f(:\n", id="syntax error"),
        pytest.param(b"x = 1\0\n", id="null byte"),
        pytest.param(b"\xff\xfe\x00x", id="not text"),
        pytest.param(b"# coding: no-such\nx = 1\n", id="unknown encoding"),
        pytest.param("# coding: shift-jis\nx = 'ア'\n".encode("shift-jis"), id="wide characters"),
        pytest.param(b"(" * DEEP + b"1" + b")" * DEEP, id="brackets"),
        pytest.param(b"x = f'{" + b"[" * DEEP + b"]" * DEEP + b"}'\n", id="brackets in f-string"),
        pytest.param(b"-" * 100_000 + b"1\n", id="signs"),
        pytest.param(b"+".join([b"1"] * 100_000) + b"\n", id="sums"),
        pytest.param(b"x" + b".a" * 100_000 + b"\n", id="attributes"),
        pytest.param(b"x = 1\rif x:\r  y = 2\r", id="old Macintosh line ends"),
    ],
)
def test_parse_refuses_with_a_reason_instead_of_raising(data: bytes) -> None:
    refusal = parse(data, "x.py")

    assert isinstance(refusal, Refusal)
    assert refusal.reason


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xef\xbb\xbfwert = 1 < zahl\n", id="byte-order mark"),
        pytest.param("# coding: latin-1\nä = 'ü' < zahl\n".encode("latin-1"), id="Latin-1"),
        pytest.param(b"\x0cx = y < zahl\n", id="leading form feed"),
        pytest.param("\ufeffs = '😀é' < zahl\r\nif s:\r\n\tt = 2\r\n".encode(), id="CRLF and tabs"),
        pytest.param(b"x = y < zahl", id="no line end"),
        pytest.param(b"def f():\n\n\x0c\n    return a < zahl\n", id="form feed inside"),
    ],
)
def test_span_is_the_bytes_of_the_file(data: bytes) -> None:
    source = source_of(data)

    for name in source.all(cst.Name):
        start, end = source.span(name)
        assert source.text(name) == name.value
        assert apply_edits(data, [Edit(start, data[start:end], data[start:end])]) == data


def test_edit_in_latin_1_is_written_in_latin_1() -> None:
    data = "# coding: latin-1\nä = 'ü'\nä < zähler\n".encode("latin-1")
    source = source_of(data)
    link = next(source.find(cst.ComparisonTarget))

    edit = source.replace(link.comparator, "größe")

    assert apply_edits(data, [edit]) == data.replace(b"z\xe4hler", b"gr\xf6\xdfe")


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        ("x = a * b\n", "a", "c + d", "x = (c + d) * b\n"),
        ("x = (a) * b\n", "a", "c + d", "x = (c + d) * b\n"),
        ("f(a)\n", "a", "c or d", "f(c or d)\n"),
        ("a.b()\n", "a", "await c", "(await c).b()\n"),
        ("x = not a\n", "a", "b == c", "x = not b == c\n"),
        ("x = a if a and b else c\n", "b", "not d", "x = a if a and not d else c\n"),
        ("x = a and b\n", "b", "c or d", "x = a and (c or d)\n"),
        ("x = a\n", "a", "(b\n   + c)", "x = (b\n   + c)\n"),
        ("x = a\n", "a", "b\n   + c", "x = (b\n   + c)\n"),
    ],
)
def test_replace_puts_parentheses_where_they_are_needed(
    text: str, old: str, new: str, after: str
) -> None:
    source = source_of(text.encode())
    node = [name for name in source.all(cst.Name) if name.value == old][-1]

    got = apply_edits(source.data, [source.replace(node, new)]).decode()

    assert ast.dump(ast.parse(got)) == ast.dump(ast.parse(after))
    if not new.startswith("("):
        assert got == after


def test_symbol_is_the_innermost_function_with_its_owners() -> None:
    text = (
        b"class A:\n    @p\n    def f(self):\n        def g():\n            return 1\n        x\n"
    )
    source = source_of(text)

    inner, outer = source.symbol_at(text.index(b"return")), source.symbol_at(text.index(b"@p"))

    assert inner is not None
    assert (inner.name, inner.first_line, inner.last_line) == ("A.f.g", 4, 5)
    assert outer is not None
    assert (outer.name, outer.first_line, outer.last_line) == ("A.f", 2, 6)
    assert source.symbol_at(0) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("x = a\n", set(), id="plain code"),
        pytest.param("def f(x: T = a) -> U: ...\n", {"T", "U"}, id="annotations"),
        pytest.param("@deco\ndef f(): return a\n", {"deco"}, id="decorator"),
        pytest.param("if TYPE_CHECKING:\n    a = 1\n", {"TYPE_CHECKING", "a"}, id="types only"),
        pytest.param("if __name__ == '__main__':\n    a()\n", {"__name__", "a"}, id="script"),
        pytest.param(
            "logger.info(a)\nlog(b)\nx = c\n", {"logger", "info", "a", "log", "b"}, id="log"
        ),
        pytest.param("math.log(a)\n", set(), id="a logarithm"),
        pytest.param("def __repr__(self): return a\n", {"__repr__", "self", "a"}, id="repr"),
        pytest.param("def test_x(): a\n", {"test_x", "a"}, id="test"),
        pytest.param("x = a  # pragma: no cover\ny = b\n", {"x", "a"}, id="not covered"),
        pytest.param("raise E('x' + a, b)\n", {"a", "b"}, id="text of an error"),
        pytest.param("assert x, a\n", {"a"}, id="text of an assertion"),
        pytest.param("__all__ = [a]\n", {"__all__", "a"}, id="exports"),
        pytest.param("# @generated\nx = a\n", {"x", "a"}, id="generated"),
    ],
)
def test_find_leaves_out_what_is_off_limits(text: str, names: set[str]) -> None:
    assert names_off_limits(text) == names


def test_is_off_limits_takes_any_overlap() -> None:
    text = b"def f():\n    '''Doc.'''\n    # why\n    return a\n"
    source = source_of(text)

    assert source.is_off_limits(text.index(b"Doc"), text.index(b"Doc") + 1)
    assert source.is_off_limits(text.index(b"why"), text.index(b"a\n"))
    assert not source.is_off_limits(text.index(b"return"), text.index(b"a\n"))


def test_fingerprint_sees_tokens_and_not_layout() -> None:
    one = source_of(b"x = f(a,b)  # why\n").fingerprint()

    assert one == source_of(b"\n\nx  =  (f(\n  a,\n  b,\n))\n").fingerprint()
    assert one != source_of(b"x = f(b, a)\n").fingerprint()
    assert one != source_of(b"x = f(a, 'b')\n").fingerprint()


def test_delete_leaves_the_blank_lines_a_person_would() -> None:
    text = (
        b"def f(x):\n    a()\n\n    # Why.\n    if x:\n        return\n        # more\n\n    b()\n"
    )
    source = source_of(text)

    edit = source.delete(next(source.find(cst.If)))

    assert apply_edits(text, [edit]) == b"def f(x):\n    a()\n\n    b()\n"


@pytest.mark.parametrize(
    ("text", "strands"),
    [
        ("import os\nx = os.name\n", True),
        ("import os\nx = os.name\ny = os\n", False),
        ("def f():\n    os = 1\n    x = os\n    return x\n", True),
        ("def f(os):\n    x = os\n    return x\n", False),
    ],
)
def test_strands_tells_of_names_left_unused(text: str, strands: bool) -> None:
    source = source_of(text.encode())
    used = [name for name in source.all(cst.Name) if name.value == "os"][1]

    assert source.strands(used) is strands


def test_mutators_leave_their_own_sources_well_formed() -> None:
    data = source_file()
    source = source_of(data)

    found = [edit for mutator in built_in("python") for edit in mutator.edits(source)]

    assert len(found) > 200
    for edit in found:
        assert isinstance(edit, Edit)
        ast.parse(apply_edits(data, [edit]))
    again = source_of(data)
    assert found == [edit for mutator in built_in("python") for edit in mutator.edits(again)]


def source_file() -> bytes:
    from pathlib import Path

    import mutators.python.source as module

    return Path(module.__file__).read_bytes()


def test_brackets_behind_quotes_are_counted_before_libcst_sees_them() -> None:
    assert parse(b'{"dependencies": [' * 2000, "x.py") == Refusal("nested too deeply")
