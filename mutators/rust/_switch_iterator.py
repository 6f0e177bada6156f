"""
Functions that return an `impl Iterator`: a switch in them may choose between two types.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mutators.rust._syntax import child, text_of, walk

if TYPE_CHECKING:
    from mutators.rust._syntax import Node

# What `Either` is when both of its sides are; see RUNTIME.
_KNOWN = frozenset((
    "Iterator", "DoubleEndedIterator", "ExactSizeIterator", "FusedIterator", "Clone", "Send",
    "Sync", "Unpin",
))  # fmt: skip
_NESTED = re.compile(r"<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]")
_LIFETIME = re.compile(r"'\w+|use")

RUNTIME = """
    pub enum Either<A, B> {
        Left(A),
        Right(B),
    }

    impl<A: Clone, B: Clone> Clone for Either<A, B> {
        fn clone(&self) -> Self {
            match self {
                Either::Left(one) => Either::Left(one.clone()),
                Either::Right(one) => Either::Right(one.clone()),
            }
        }
    }

    impl<A: Iterator, B: Iterator<Item = A::Item>> Iterator for Either<A, B> {
        type Item = A::Item;

        fn next(&mut self) -> Option<A::Item> {
            match self {
                Either::Left(one) => one.next(),
                Either::Right(one) => one.next(),
            }
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            match self {
                Either::Left(one) => one.size_hint(),
                Either::Right(one) => one.size_hint(),
            }
        }

        fn fold<S, F: FnMut(S, A::Item) -> S>(self, start: S, step: F) -> S {
            match self {
                Either::Left(one) => one.fold(start, step),
                Either::Right(one) => one.fold(start, step),
            }
        }
    }

    impl<A, B> DoubleEndedIterator for Either<A, B>
    where
        A: DoubleEndedIterator,
        B: DoubleEndedIterator<Item = A::Item>,
    {
        fn next_back(&mut self) -> Option<A::Item> {
            match self {
                Either::Left(one) => one.next_back(),
                Either::Right(one) => one.next_back(),
            }
        }
    }

    impl<A, B> ExactSizeIterator for Either<A, B>
    where
        A: ExactSizeIterator,
        B: ExactSizeIterator<Item = A::Item>,
    {
    }

    impl<A, B> self::std::iter::FusedIterator for Either<A, B>
    where
        A: self::std::iter::FusedIterator,
        B: self::std::iter::FusedIterator<Item = A::Item>,
    {
    }
"""


def gives_iterator(function: Node, body: Node) -> bool:
    """
    Whether its return type is an iterator that `Either` can be, given by the end of its body only.
    """
    returned = child(function, "return_type")
    text = text_of(returned).strip() if returned is not None else ""
    if not text.startswith("impl "):
        return False
    bounds = _bounds(text.removeprefix("impl "))
    if not any(bound.endswith("Iterator") for bound in bounds):
        return False
    if any(bound not in _KNOWN and not _LIFETIME.fullmatch(bound) for bound in bounds):
        return False
    return not any(node.type == "return_expression" for node in walk(body))


def _bounds(text: str) -> tuple[str, ...]:
    """
    The last names of `A<…> + b::C + 'd`.
    """
    before = ""
    while before != text:
        before, text = text, _NESTED.sub("", text)
    return tuple(bound.strip().rsplit("::", 1)[-1] for bound in text.split("+"))
