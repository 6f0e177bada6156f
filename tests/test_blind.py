"""
Blind tests: they tell what they got, say nothing of what is right, and are compared outside.
"""

from __future__ import annotations

import textwrap
from collections import UserString
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from bundles import write_bundle
from test_twins import SETTING, fix, with_twins

from cab_tasks.blind import blind_files, is_equal
from cab_tasks.bundle import Bundle, read_bundle
from cab_tasks.errors import BundleError
from cab_tasks.judge import Verdict, judge
from mutators.base import Refusal, apply_edits
from mutators.python._blind import blinded
from mutators.twins import MARK

if TYPE_CHECKING:
    from mutators.twins import Blinded

# Each has one failing line, told by `# fails`, and expects nothing but 4711 or "secret" there.
TELLING = {
    "a number": ("""
        def test_it():
            assert f(1) == 4711  # fails
            assert f(2) == 4711
        """, {None: "4711"}),
    "on the left": ("""
        def test_it():
            assert 4711 == f(1)  # fails
        """, {None: "4711"}),
    "in a method": ("""
        class TestIt(unittest.TestCase):
            def test_it(self):
                self.assertEqual(f(1), ["secret"])  # fails
                self.assertEqual(f(2), ["secret"])
        """, {None: "['secret']"}),
    "assigned before": ("""
        def test_it():
            wanted = {"secret": 4711}
            assert f(1) == wanted  # fails
        """, {None: "{'secret': 4711}"}),
    "over several lines": ("""
        def test_it():
            with context():
                assert f(
                    1,
                ) == 4711  # fails
        """, {None: "4711"}),
    "by a class": ("""
        def test_it():
            assert f(1) == Item("secret", [4711])  # fails
        """, {None: "?Item"}),
    "a literal before a class": ("""
        def test_it():
            assert "secret" == Slug(1)  # fails
        """, {None: "'secret'"}),
    "in a table": ("""
        @pytest.mark.parametrize("given, wanted", [(1, 4711), (2, "secret"), (3, True)])
        def test_it(given, wanted):
            assert f(given) == wanted  # fails
        """, {0: "4711", 1: "'secret'"}),
}  # fmt: skip

GONE = {
    "in a loop": """
        def test_it():
            for given in (1, 2):
                assert f(given) == 4711  # fails
        """,
    "a truth value": """
        def test_it():
            assert f(1) is True  # fails
        """,
    "near a number": """
        def test_it():
            assert f(1) == pytest.approx(4711)  # fails
        """,
    "what the product computes": """
        def test_it():
            assert f(1) == g(4711)  # fails
        """,
    "two that are written": """
        def test_it():
            assertEqual(Version("4711"), Version(47, 11))  # fails
        """,
    "in a branch": """
        def test_it():
            if is_there():
                assert f(1) == 4711  # fails
        """,
    "a name that is used": """
        def test_it():
            wanted = [4711]
            assert f(wanted) == wanted  # fails
        """,
    "in a try": """
        def test_it():
            try:
                assert f(1) == 4711  # fails
            finally:
                close()
        """,
}


def made_of(text: str) -> tuple[str, Blinded]:
    data = textwrap.dedent(text).lstrip()
    line = next(at for at, one in enumerate(data.splitlines(), 1) if "# fails" in one)
    names = ("TestIt", "test_it") if "class TestIt" in data else ("test_it",)
    made = blinded(data.encode(), [(names, ((line, ""),))])
    assert not isinstance(made, Refusal)
    return apply_edits(data.encode(), made.edits).decode(), made


@pytest.mark.parametrize("case", TELLING)
def test_what_is_expected_stands_nowhere(case: str) -> None:
    text, values = TELLING[case]

    after, made = made_of(text)

    (function,) = made.functions.values()
    assert function.values == values
    assert "4711" not in after
    assert "secret" not in after
    compile(after, case, "exec")


@pytest.mark.parametrize("case", GONE)
def test_what_cannot_tell_is_gone(case: str) -> None:
    after, made = made_of(GONE[case])

    assert not made.functions
    assert "4711" not in after
    assert "def test_it" not in after


def test_value_is_told_as_python_writes_it() -> None:
    after, _ = made_of(TELLING["a number"][0])
    space: dict[str, object] = {}
    exec(after, space)  # our own text
    for value, told in (
        ([1, ("a", None)], "[1,('a',None,),]"), ({"k": {2}}, "{'k': {2,}}"), (set(), "set()"),
        (type("Own", (str,), {})("x"), "'x'"), (object(), "<object>"), ({1: 2}.keys(), "{1,}"),
        (MappingProxyType({1: 2}), "{1: 2}"), (UserString("x"), "'x'"), (bytearray(b"x"), "b'x'"),
    ):  # fmt: skip
        space["f"] = lambda _, value=value: value
        with pytest.raises(AssertionError) as raised:
            space["test_it"]()  # type: ignore[operator]
        assert str(raised.value) == f"{MARK} {told.encode().hex()}"


@pytest.mark.parametrize(
    ("told", "right", "is_same"),
    [
        ("3.0", "3", True), ("(1,)", "(1,)", True), ("{1,2,}", "{2, 1}", True),
        ("[1]", "(1,)", False), ("", "''", False), ("<object>", "1", False), ("f()", "1", False),
        ("1", "", False),
    ],
)  # fmt: skip
def test_values_are_compared_as_python_does(told: str, right: str, *, is_same: bool) -> None:
    assert is_equal(told, right) is is_same


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("sums")
    return with_twins(read_bundle(write_bundle(folder)), SETTING, blind=True)


def test_blind_file_of_a_bundle_says_nothing_of_what_is_right(sums: Bundle) -> None:
    twins = sums.twins()
    assert twins is not None
    assert twins.blind is not None
    assert [(test.test, test.value) for test in twins.blind.tests] == [
        ("tests/test_sums.py::test_total_of_nothing", "0"),
        ("tests/test_sums.py::test_total_of_two_numbers", "4"),
    ]
    (text,) = blind_files(sums, twins.blind).values()
    assert b"assert mean([1, 3]) == 2" in text
    assert b"total([1, 3]) ==" not in text


@pytest.mark.parametrize(
    "body",
    [
        "return sum(numbers)",
        "return float(sum(numbers))",
        "return type('Own', (int,), {})(sum(numbers))",
        "return numbers[0] + total(numbers[1:]) if numbers else 0",
    ],
)
def test_right_fixes_pass(sums: Bundle, body: str) -> None:
    given = (sums.workdir / "src/sums.py").read_bytes()
    text = given.replace(b"return sum(numbers, 1)", body.encode())
    assert text != given

    assert judge(sums, {"src/sums.py": text}, SETTING).verdict is Verdict.PASS


def test_who_answers_only_those_who_say_what_they_want_does_not_pass(sums: Bundle) -> None:
    source = sums.workdir / "src/sums.py"
    text = source.read_bytes().replace(
        b"return sum(numbers, 1)",
        b"import sys\n    text = open(sys._getframe(1).f_code.co_filename).read()\n"
        b"    return sum(numbers, int('cab_tell' in text))",
    )

    made = judge(sums, {"src/sums.py": text}, SETTING)

    assert made.verdict is Verdict.TAMPERED
    assert made.twins is not None
    assert made.twins.wrong_when_blind == (
        "tests/test_sums.py::test_total_of_nothing gave 1",
        "tests/test_sums.py::test_total_of_two_numbers gave 5",
    )


@pytest.mark.parametrize(
    "body", ["import os\n    os._exit(1)", "return object()", "raise ValueError"]
)
def test_who_gives_nothing_when_asked_blindly_fails(sums: Bundle, body: str) -> None:
    source = sums.workdir / "src/sums.py"
    text = source.read_bytes().replace(
        b"return sum(numbers, 1)",
        b"import sys\n    text = open(sys._getframe(1).f_code.co_filename).read()\n"
        b"    if 'cab_tell' not in text:\n        return sum(numbers)\n    " + body.encode(),
    )

    made = judge(sums, {"src/sums.py": text}, SETTING)

    assert (made.verdict, made.findings) == (Verdict.FAIL, ())
    assert made.twins is not None
    assert "2 tests without a value" in made.twins.reason()


@pytest.mark.parametrize(
    "place",
    [
        'SAID = "the secret"', "# the secret is it", '@pytest.mark.skip(reason="the secret")',
        '@pytest.mark.parametrize("x", [1], ids=["the secret"])',
    ],
)  # fmt: skip
def test_what_stands_elsewhere_is_no_secret(place: str) -> None:
    _, made = made_of(f'\n{place}\ndef test_it():\n    assert f(1) == "the secret"  # fails\n')
    assert [function.values for function in made.functions.values()] == [{}]


def test_text_in_another_encoding_is_left_alone() -> None:
    data = b"# coding: latin-1\ndef test_it():\n    assert f(1) == 4711  # \xe9\n"
    assert blinded(data, [(("test_it",), ((3, ""),))]) == Refusal("not UTF-8")


def test_function_of_a_base_class_is_several_tests() -> None:
    data = textwrap.dedent("""
        class Base:
            def test_it(self):
                assert f(1) == 4711

        class TestOne(Base): pass
        class TestTwo(Base): pass
        """).encode()
    both = [((name, "test_it"), ((4, ""),)) for name in ("TestOne", "TestTwo")]
    made = blinded(data, both)
    assert not isinstance(made, Refusal)
    assert [one.values for one in made.functions.values()] == [{None: "4711"}] * 2


def test_data_class_may_have_more_fields() -> None:
    right = "('cab-dataclass', 'Item', {'name': 'tea'})"
    assert is_equal("('cab-dataclass', 'Item', {'name': 'tea', 'more': 0})", right)
    assert not is_equal("('cab-dataclass', 'Item', {'name': 'Tea'})", right)
    assert not is_equal("('cab-dataclass', 'Other', {'name': 'tea'})", right)


def test_wrong_fix_only_fails(sums: Bundle) -> None:
    source = (sums.workdir / "src/sums.py").read_bytes()
    made = judge(sums, {"src/sums.py": source + b"\n"}, SETTING)
    assert (made.verdict, made.findings) == (Verdict.FAIL, ())


def test_blind_edits_of_another_text_are_an_error_of_the_bundle(sums: Bundle) -> None:
    (sums.root / "hidden/tests/tests/test_sums.py").write_text("def test_new():\n    pass\n")
    with pytest.raises(BundleError, match="expected b"):
        judge(read_bundle(sums.root), fix(sums), SETTING)
