"""
Symptoms: what a failing test says of the bug, as a user of the program would tell it.

Made from failures alone; nothing here knows the mutation.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cab_tasks.context import steps_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cab_tasks.model import Failure

TEXT_MAX = 400  # characters of one repr in a prompt; longer ones hide the difference anyway
SYMPTOMS_MAX = 20  # a longer list is not read; the rest is counted

# Strings (of Python, or raw ones of Rust), numbers with their suffixes, constants, constructors.
_OF_LITERALS = re.compile(
    r"""[bBrRuU]*\#*("(\\.|[^"\\])*"|'(\\.|[^'\\])*')\#*|\b\d\w*(\.\d\w*)?"""
    r"""|\b(None|True|False|true|false|Some|Ok|Err|vec|set|frozenset|tuple|list|dict)\b"""
)

_SWAPPED = {"assertEqual", "assertEquals", "assert_eq", "assertListEqual", "assertDictEqual",
            "assertTupleEqual", "assertSetEqual", "assertSequenceEqual", "assertMultiLineEqual",
            "assertCountEqual"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Symptom:
    """
    `call` is source text; `got` and `expected` are reprs; `error` is `Type: message`.
    """

    call: str
    expected: str = ""
    got: str = ""
    error: str = ""
    values: tuple[tuple[str, str], ...] = ()


def symptoms_of(
    failures: Mapping[str, Failure],
    files: Mapping[str, bytes],
    may_tell: Callable[[str], bool] = lambda text: True,
) -> tuple[tuple[Symptom, ...], int]:
    """
    Distinct symptoms of failing tests (id → failure), one a test function first, and how many
    more failing cases there are beyond those told.

    `files` are the sources of the tests. What `may_tell` refuses is told without the steps that
    lead to it, or not at all.
    """
    first: dict[str, Symptom] = {}
    told: list[Symptom] = []
    rest: list[Symptom] = []
    for test in sorted(failures):
        symptom = _tellable(failures[test], files, may_tell)
        if symptom is None:
            continue
        function = test.partition("[")[0]
        (rest if function in first else told).append(symptom)
        first.setdefault(function, symptom)
    distinct = tuple(dict.fromkeys((*told, *rest)))
    return distinct[:SYMPTOMS_MAX], max(0, len(distinct) - SYMPTOMS_MAX)


def _tellable(
    failure: Failure, files: Mapping[str, bytes], may_tell: Callable[[str], bool]
) -> Symptom | None:
    symptom = symptom_of(failure)
    steps = steps_before(failure, files)
    whole = replace(symptom, call="\n".join([*steps, symptom.call])) if steps else symptom
    return next((one for one in (whole, symptom) if may_tell(told_lines([one]))), None)


def symptom_of(failure: Failure) -> Symptom:
    """
    One failure, told as call, expected and got where it compares two values.
    """
    statement = _dedent(failure.statement)
    values = tuple((name, _short(value)) for name, value in failure.values)
    if failure.kind == "DocTestFailure":
        expected, _, got = failure.message.removeprefix("expected: ").partition("\ngot: ")
        return Symptom(statement, expected=_short(expected), got=_short(got))
    if failure.kind == "panic":
        return replace(_of_panic(statement, failure.message), values=values)
    if failure.kind in ("AssertionError", "Failed", "failed"):
        return replace(_of_assertion(statement, failure.message), values=values)
    first_line = failure.message.strip().splitlines()[0] if failure.message.strip() else ""
    prefix = "" if first_line.startswith(f"{failure.kind}:") else f"{failure.kind}: "
    error = _short(f"{prefix}{first_line}".rstrip(": "))
    return Symptom(call=_call_in(statement), error=error, values=values)


def _of_panic(statement: str, message: str) -> Symptom:
    left = re.search(r"(?m)^\s*left: (.*)$", message)
    right = re.search(r"(?m)^\s*right: (.*)$", message)
    arguments = _macro_arguments(statement)
    if left and right and len(arguments) >= 2:
        return _compared(arguments[0], arguments[1], left[1], right[1])
    if statement.startswith(("assert!", "debug_assert!")) and arguments:
        return Symptom(call=arguments[0], expected="true", got="false")
    return Symptom(call=statement, error=_short(f"panic: {message.strip()}"))


def _of_assertion(statement: str, message: str) -> Symptom:
    node = _parse(statement)
    if isinstance(node, ast.Assert):
        return _of_assert(node, statement, message)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in _SWAPPED and len(call.args) >= 2:
            got, expected = _around(message, " != ")
            left, right = (_source(statement, argument) for argument in call.args[:2])
            return _compared(left, right, got, expected)
        if name in ("assertTrue", "assertFalse") and call.args:
            expected = "true" if name == "assertTrue" else "false"
            return Symptom(call=_source(statement, call.args[0]), expected=expected)
    return Symptom(call=_call_in(statement), error=_short(_plain_message(message)))


def _of_assert(node: ast.Assert, statement: str, message: str) -> Symptom:
    test = node.test
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
        got, expected = _around(message.removeprefix("AssertionError: "), " == ")
        left, right = _source(statement, test.left), _source(statement, test.comparators[0])
        return _compared(left, right, got.removeprefix("assert "), expected)
    return Symptom(
        call=_source(statement, test),
        expected="a true value",
        error=_short(_plain_message(message)),
    )


def _compared(left: str, right: str, left_value: str, right_value: str) -> Symptom:
    """
    The left side is what was done, unless it is a literal and the right one is not.
    """
    if _is_literal(left) and not _is_literal(right):
        left, right, left_value, right_value = right, left, right_value, left_value
    return Symptom(
        call=left, expected=_short(right_value or right), got=_short(left_value),
    )  # fmt: skip


def _is_literal(text: str) -> bool:
    """
    Whether no name is left when strings, numbers and the words that literals are made of are gone.
    """
    return not re.search(r"[A-Za-z_]\w*", _OF_LITERALS.sub(" ", text))


def _around(message: str, operator: str) -> tuple[str, str]:
    """
    Both sides of the comparison in a message's first line; "" where they cannot be told apart.
    """
    line = message.strip().splitlines()[0] if message.strip() else ""
    line = re.sub(r"^\w+ differ: ", "", line)  # unittest's words, no value
    parts = line.split(operator)
    if len(parts) != 2 or "..." in line:
        return "", ""
    return parts[0].strip(), parts[1].split(" : ")[0].strip()


def _plain_message(message: str) -> str:
    """
    An assertion message without pytest's own explanation of the source.
    """
    lines = [line for line in message.strip().splitlines() if line.strip()]
    return lines[0] if lines else ""


def _call_in(statement: str) -> str:
    """
    The innermost useful source: the value that is assigned, or the statement itself.
    """
    node = _parse(statement)
    if isinstance(node, ast.Assign):
        return _source(statement, node.value)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.value.args:
        function = node.value.func
        if isinstance(function, ast.Attribute) and function.attr in _SWAPPED:
            return _source(statement, node.value.args[0])
    return statement


def _macro_arguments(statement: str) -> list[str]:
    """
    Arguments of the first macro call in a Rust statement, split at commas of depth zero.
    """
    opened = re.search(r"!\s*[(\[{]", statement)
    if not opened:
        return []
    depth, current, arguments, quote = 0, "", [], False
    for at, char in enumerate(statement[opened.end() :], opened.end()):
        if char == '"' and statement[at - 1] != "\\":
            quote = not quote
        if not quote and char in ")]}":
            if depth == 0:
                break
            depth -= 1
        if not quote and char in "([{":
            depth += 1
        if char == "," and depth == 0 and not quote:
            arguments.append(current)
            current = ""
        else:
            current += char
    return [" ".join(argument.split()) for argument in (*arguments, current) if argument.strip()]


def _parse(statement: str) -> ast.stmt | None:
    try:
        body = ast.parse(statement).body
    except (SyntaxError, ValueError):
        return None
    return body[0] if body else None


def _source(statement: str, node: ast.expr) -> str:
    return " ".join((ast.get_source_segment(statement, node) or statement).split())


def _dedent(statement: str) -> str:
    lines = statement.strip().splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…"


def told_lines(symptoms: Iterable[Symptom]) -> str:
    """
    All text of the symptoms, for a search for what must not be told.
    """
    parts = [(s.call, s.expected, s.got, s.error, *map(" ".join, s.values)) for s in symptoms]
    return "\n".join("\n".join(part) for part in parts)
