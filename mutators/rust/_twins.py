"""
What can be perturbed in a Rust test: the expectations of the assertion that fails without a fix.

Only of that one: what the broken code gets right already would tell a forger which copy of the test
is the right one. Every change is false wherever the right text is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mutators.base import Edit, Refusal
from mutators.rust._limits import is_test_function
from mutators.rust._syntax import (
    Node,
    ancestors,
    attribute_path,
    attributes,
    child,
    children,
    sane_tree,
    span_with_attributes,
    text_of,
    walk,
)
from mutators.twins import Expectation, Literal, Perturbable, literal_expectations

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mutators.twins import Failures

_MOST_PARTS = 6  # of one assertion that are perturbed
_SEARCHED_LETTERS = 4  # a shorter text is found in others by chance
_EQUAL = ("assert_eq", "debug_assert_eq")
_OPPOSITE = {"assert_eq": "assert_ne", "assert_ne": "assert_eq"}
_LITERALS = frozenset((
    "integer_literal", "float_literal", "string_literal", "raw_string_literal", "char_literal",
    "boolean_literal",
))  # fmt: skip
# Names in lower case that a written-out value may use; all others compute something.
_MAKERS = frozenset((
    "vec", "new", "from", "to_string", "to_owned", "to_vec", "into", "as", "true", "false", "iter",
    "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32",
    "f64", "std", "core", "alloc", "string", "collections", "crate", "super", "self",
))  # fmt: skip
_TRUTH = (b"true", b"false")
_SEARCHES = frozenset(("contains", "starts_with", "ends_with"))


@dataclass(frozen=True, slots=True)
class _Part:
    """
    A text that may be perturbed; `other` None: a literal of this kind.
    """

    start: int
    end: int
    kind: str = ""
    other: bytes | None = None


def perturbable(
    data: bytes, names: tuple[str, ...], failures: Failures, salt: bytes, copies: int
) -> Perturbable | Refusal:
    """
    The expectations of a test where it fails without a fix; of its last assertion where no line in
    it is known, since then the code under test gives up before that.
    """
    root = _tree(data)
    if isinstance(root, Refusal):
        return root
    found = [node for node in walk(root) if is_test_function(node) and _names(node) == names]
    if len(found) != 1:
        return Refusal(f"{'::'.join(names)}: defined {len(found)} times")
    parts = sorted(
        set(_parts(found[0], [line for line, _ in failures])),
        key=lambda part: (part.start, part.end),
    )
    if not parts:
        return Refusal(f"{'::'.join(names)}: nothing in it can be perturbed")
    start, end = span_with_attributes(found[0], data)
    name = child(found[0], "name")
    if name is None:
        return Refusal(f"{'::'.join(names)}: has no name")
    word = text_of(name).encode()
    expectations = tuple(_expectations(data, parts[:_MOST_PARTS], failures, salt, copies))
    return Perturbable(start, end, Edit(name.start_byte, word, word), expectations)


@lru_cache(maxsize=16)
def _tree(data: bytes) -> Node | Refusal:
    return sane_tree(data)


def _names(function: Node) -> tuple[str, ...]:
    names = [text_of(child(up, "name")) for up in ancestors(function) if up.type == "mod_item"]
    return (*reversed(names), text_of(child(function, "name")))


def _expectations(
    data: bytes, parts: Sequence[_Part], failures: Failures, salt: bytes, copies: int
) -> Iterator[Expectation]:
    for part in parts:
        if part.other is not None:
            old = data[part.start : part.end]
            yield Expectation(part.start, old, (part.other,), guessable=True)
    literals = [
        Literal(part.start, part.end, part.kind, _TRUTH if part.kind == "choice" else ())
        for part in parts
        if part.other is None
    ]
    messages = [message for _, message in failures if message]
    yield from literal_expectations(data, literals, messages, salt, copies, typed=True)


def _parts(function: Node, lines: Collection[int]) -> Iterator[_Part]:
    yield from _of_panic(function)
    body = child(function, "body")
    if body is None:
        return
    assertions = [node for node in walk(body) if _is_assertion(node)]
    known = [line for line in lines if _spans(body, line)]
    for line in known:
        here = [node for node in assertions if _spans(node, line)][-1:]
        found = [part for node in here for part in _of_assertion(node, function)]
        if all(part.other is not None for part in found):
            names = _names_at(body, line)
            later = [node for node in assertions if node.start_point[0] >= line]
            using = [node for node in later if names & set(_identifiers(node))]
            found += [part for node in using for part in _of_assertion(node, function)]
        yield from found
    if not known and assertions:
        yield from _of_assertion(assertions[-1], function)


def _spans(node: Node, line: int) -> bool:
    return node.start_point[0] < line <= node.end_point[0] + 1


def _is_assertion(node: Node) -> bool:
    if node.type != "macro_invocation":
        return False
    return text_of(child(node, "macro")) in ("assert", "assert_eq", "assert_ne", "debug_assert_eq")


def _names_at(body: Node, line: int) -> set[str]:
    """
    The names that the statement on a line binds, or uses if it binds none.
    """
    around = [
        node
        for node in walk(body, lambda node: _spans(node, line))
        if node.type in ("let_declaration", "expression_statement")
    ]
    if not around:
        return set()
    pattern = child(around[-1], "pattern")
    return set(_identifiers(pattern if pattern is not None else around[-1]))


def _identifiers(node: Node) -> Iterator[str]:
    return (text_of(one) for one in walk(node) if one.type == "identifier")


def _of_panic(function: Node) -> Iterator[_Part]:
    """
    The text that the panic of a `#[should_panic(expected = "…")]` must hold.
    """
    for attribute in attributes(function):
        if attribute_path(attribute) == "should_panic":
            for node in walk(attribute):
                if node.type in _LITERALS:
                    yield from _searched(node)


def _searched(node: Node) -> Iterator[_Part]:
    for part in _literal(node):
        if part.kind == "text" and part.end - part.start >= _SEARCHED_LETTERS:
            yield part


def _of_assertion(node: Node, function: Node) -> Iterator[_Part]:
    macro = child(node, "macro")
    name = text_of(macro)
    trees = children(node, "token_tree")
    arguments = _arguments(trees[0]) if trees else []
    if not arguments or macro is None:
        return
    found: list[_Part] = []
    if name in _EQUAL and len(arguments) > 1:
        found = _constant(arguments[1], function) or _constant(arguments[0], function)
    elif name == "assert":
        found = _of_condition(arguments[0], function)
    if found:
        yield from found
    elif name == "assert":
        start, end = arguments[0][0].start_byte, arguments[0][-1].end_byte
        text = (trees[0].text or b"")[start - trees[0].start_byte : end - trees[0].start_byte]
        yield _Part(start, end, other=b"!(" + text + b")")
    elif name in _OPPOSITE:
        yield _Part(macro.start_byte, macro.end_byte, other=_OPPOSITE[name].encode())


def _arguments(tree: Node) -> list[list[Node]]:
    """
    The tokens between top-level commas, by argument.
    """
    arguments: list[list[Node]] = [[]]
    for node in tree.children[1:-1]:
        if node.type == ",":
            arguments.append([])
        else:
            arguments[-1].append(node)
    return [argument for argument in arguments if argument]


def _of_condition(argument: Sequence[Node], function: Node) -> list[_Part]:
    """
    Of an equality, the literals; of a search in a text, the text that is looked for.
    """
    kinds = [node.type for node in argument]
    texts = [text_of(node) for node in argument]
    if {"&&", "||"} & set(texts) or texts[0] == "!":
        return []
    if texts.count("==") == 1:
        at = texts.index("==")
        return _constant(argument[at + 1 :], function) or _constant(argument[:at], function)
    is_search = len(texts) > 1 and texts[-2] in _SEARCHES and kinds[-1] == "token_tree"
    inner = _arguments(argument[-1]) if is_search else []
    if len(inner) == 1 and len(inner[0]) == 1 and inner[0][0].type in _LITERALS:
        return list(_searched(inner[0][0]))
    return []


def _constant(tokens: Sequence[Node], function: Node) -> list[_Part]:
    """
    The literals of a value that is written out, here or where its name is bound: if any differs,
    the value is another one. None of what computes something.
    """
    flat = [leaf for token in tokens for leaf in _leaves(token)]
    words = [leaf for leaf in flat if leaf.type.endswith("identifier")]
    if len(flat) == 1 and words:
        return _bound(text_of(words[0]), function, words[0].start_byte)
    parts: list[_Part] = []
    for at, leaf in enumerate(flat):
        before = text_of(flat[at - 1]) if at else ""
        after = text_of(flat[at + 1]) if at + 1 < len(flat) else ""
        if leaf.type.endswith("identifier"):
            word = text_of(leaf)
            if not (word[:1].isupper() or word in _MAKERS or after == ":"):
                return []
        elif before not in (".", ";"):  # a place in a tuple, the length of an array
            parts += _literal(leaf)
    return parts


def _leaves(node: Node) -> Iterator[Node]:
    if node.type in _LITERALS or not node.children:
        yield node
        return
    for inner in node.children:
        yield from _leaves(inner)


def _bound(name: str, function: Node, before: int) -> list[_Part]:
    lets = [
        node
        for node in walk(function)
        if node.type == "let_declaration"
        and node.end_byte <= before
        and text_of(child(node, "pattern")) == name
    ]
    value = child(lets[0], "value") if len(lets) == 1 else None
    return _constant([value], function) if value is not None and value.type != "identifier" else []


def _literal(node: Node) -> list[_Part]:
    start, end = node.start_byte, node.end_byte
    text = text_of(node)
    match node.type:
        case "integer_literal" | "float_literal":
            return [_Part(start, end, "number")]
        case "boolean_literal":
            return [_Part(start, end, "choice")]
        case "char_literal" | "string_literal" | "raw_string_literal":
            quote = "'" if node.type == "char_literal" else '"'
            opening, closing = text.index(quote) + 1, len(text) - text.rindex(quote)
            return [_Part(start + opening, end - closing, "text")]
    if text in ("true", "false"):
        return [_Part(start, end, "choice")]
    return []
